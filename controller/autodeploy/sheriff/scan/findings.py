"""All that looks have told, as one sum; how severe it is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from autodeploy.contracts import Contract, Finding, Lynis, SshAudit, Tls, TopicReport
from autodeploy.contracts.security import SEVERITIES, Severity

C = TypeVar("C", bound=Contract)


def is_at_least(finding: Finding, severity: Severity) -> bool:
    """Whether a finding is as severe as that, or more."""
    return SEVERITIES.index(finding.severity) >= SEVERITIES.index(severity)


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
