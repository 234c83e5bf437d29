"""All that looks have told, as one list of findings and one sum. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, get_args

from pydantic import ValidationError

from autodeploy.contracts import Contract, Finding, Lynis, SshAudit, Tls, TopicReport
from autodeploy.contracts.security import Severity

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""The least first."""
C = TypeVar("C", bound=Contract)


def is_at_least(finding: Finding, severity: Severity) -> bool:
    """Whether a finding is as severe as that, or more."""
    return SEVERITIES.index(finding.severity) >= SEVERITIES.index(severity)


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
            if before is None or not is_at_least(before, here.severity):
                found[here.id, here.resource] = here
    return tuple(sorted(found.values(), key=_order))


def _resource(report: TopicReport, finding: Finding) -> str:
    host = report.host
    is_placed = host is None or finding.resource.split(" ")[0] == host
    return finding.resource if is_placed else f"{host} {finding.resource}"


def _order(finding: Finding) -> tuple[int, str, str]:
    return -SEVERITIES.index(finding.severity), finding.resource, finding.id


def summed(reports: Iterable[TopicReport]) -> dict[str, Any]:
    """The figures of an audit: of each, the worst host's.

    Hosts are not trusted: what is no figure is left out.
    """
    details = [one.details for one in reports]
    lynis = _known(details, "lynis", Lynis)
    ssh = _known(details, "ssh_audit", SshAudit)
    return {
        "lynis": min(lynis, key=lambda one: one.hardening_index, default=None),
        "ssh_audit": max(ssh, key=lambda one: (one.fail, one.warn), default=None),
        "units": _worst(one.get("units") for one in details),
        "tls": next(iter(_known(details, "tls", Tls)), None),
    }


def _known(details: Iterable[Mapping[str, Any]], name: str, kind: type[C]) -> list[C]:
    found = []
    for one in details:
        try:
            found.append(kind.model_validate(one.get(name)))
        except ValidationError:
            continue
    return found


def _worst(units: Iterable[Any]) -> dict[str, float]:
    worst: dict[str, float] = {}
    for one in units:
        for name, score in one.items() if isinstance(one, dict) else ():
            if isinstance(score, int | float):
                worst[str(name)] = max(worst.get(str(name), 0.0), float(score))
    return worst
