"""The Sheriff's answer: what was hardened, what was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, get_args

from pydantic import Field

from autodeploy.contracts.base import Contract

Severity = Literal["low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""The least first."""


class Finding(Contract):
    """Something that is not as it should be.

    Attributes:
        id: Stable name of the check.
        severity: How bad.
        resource: What it was found on.
        message: What was found, for people.
    """

    id: str
    severity: Severity
    resource: str
    message: str


class TopicReport(Contract):
    """What one role did and saw on one host, or one look at what all hosts stand on.

    Attributes:
        host: The host's logical name; None for what is no host's, such as the network.
        topic: What it is of: the role's name (`hardening`, `firewall`), or that of the look.
        verified: What was read back from what runs and is as it should be.
        changed: What was changed to have it so.
        not_verified: What could not be checked, and why (`what: why`).
        findings: What is not as it should be.
        details: What else this topic tells, such as `open_ports`.
    """

    host: str | None = None
    topic: str
    verified: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    not_verified: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    details: dict[str, Any] = Field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where and of what, for people: `host-1 firewall`, `network`."""
        return f"{self.host} {self.topic}" if self.host else self.topic


class HostSecurity(Contract):
    """What a host was secured with, and what that has come to.

    Attributes:
        fingerprint: SHA-256 over the host, its image, the securing roles and their variables.
        identity: SHA-256 over the host alone: another one may have its name later.
        reports: What the roles told.
    """

    fingerprint: str
    identity: str = ""
    reports: tuple[TopicReport, ...] = ()


class SecurityConfig(Contract):
    """What the Sheriff did and saw: at most one report a host and topic.

    Attributes:
        hardened: Whether hosts are hardened at all (`--no-harden` says no).
        reports: By host and topic.
        fingerprint: SHA-256 over what was reviewed: with the same one, and no findings, there is
            nothing to do.
    """

    hardened: bool
    reports: tuple[TopicReport, ...] = ()
    fingerprint: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them, the worst first, each with its host and none twice."""
        return placed(self.reports)

    @property
    def verified(self) -> tuple[str, ...]:
        """All that was, each with its place."""
        return tuple(self._placed("verified"))

    @property
    def changed(self) -> tuple[str, ...]:
        """All that was, each with its place."""
        return tuple(self._placed("changed"))

    @property
    def not_verified(self) -> tuple[str, ...]:
        """All that was not, each with its place."""
        return tuple(self._placed("not_verified"))

    def _placed(self, kind: Literal["verified", "changed", "not_verified"]) -> Iterator[str]:
        for report in self.reports:
            yield from (f"{report.place}: {one}" for one in getattr(report, kind))


def placed(reports: Iterable[TopicReport]) -> tuple[Finding, ...]:
    """Every finding of every report, the worst first, none twice.

    What a host's report tells is of that host: the same on two hosts are two findings. Two of one
    id on one resource are one, as severe as the worse.
    """
    found: dict[tuple[str, str], Finding] = {}
    for report in reports:
        for one in report.findings:
            here = one.model_copy(update={"resource": _resource(report, one)})
            before = found.get((here.id, here.resource))
            if before is None or _rank(before) < _rank(here):
                found[here.id, here.resource] = here
    return tuple(sorted(found.values(), key=_order))


def _resource(report: TopicReport, finding: Finding) -> str:
    host = report.host
    is_placed = host is None or finding.resource.split(" ")[0] == host
    return finding.resource if is_placed else f"{host} {finding.resource}"


def _order(finding: Finding) -> tuple[int, str, str]:
    return -_rank(finding), finding.resource, finding.id


def _rank(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity)
