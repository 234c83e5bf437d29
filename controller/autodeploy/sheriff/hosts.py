"""What hosts are hardened with, and which of them are already. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from autodeploy.contracts import Host, HostSecurity, InfrastructureSpec, TopicReport
from autodeploy.runner import host_alias, roles_digest
from autodeploy.sheriff.reports import merged, reports_of

ROLES = ("guard", "hardening")


def secured(
    spec: InfrastructureSpec, variables: Mapping[str, Any], known: Mapping[str, HostSecurity]
) -> set[str]:
    """The names of the hosts that have just this already.

    Args:
        spec: The hosts.
        variables: Of the role `hardening`.
        known: What each host was secured with last, by host name.
    """
    return {
        host.name
        for host in spec.hosts
        if host.name in known and known[host.name].fingerprint == fingerprint(spec, host, variables)
    }


def told(
    spec: InfrastructureSpec,
    variables: Mapping[str, Any],
    known: Mapping[str, HostSecurity],
    facts: Mapping[str, Mapping[str, Any]],
) -> dict[str, HostSecurity]:
    """What each host is secured with after a play, and what its roles have told, by host name.

    Args:
        spec: The hosts.
        variables: Of the role `hardening`.
        known: As in `secured`: of the same host it holds where the play tells nothing new.
        facts: What our modules have reported, by host alias.
    """
    return {
        host.name: HostSecurity(
            fingerprint=fingerprint(spec, host, variables),
            identity=_digest(_identity(host)),
            reports=merged(
                (
                    *_kept(host, known.get(host.name)),
                    *reports_of(host.name, facts.get(host_alias(spec, host), {})),
                )
            ),
        )
        for host in spec.hosts
    }


def _kept(host: Host, before: HostSecurity | None) -> tuple[TopicReport, ...]:
    """What this host has told before: what was changed then is not changed now."""
    if before is None or before.identity != _digest(_identity(host)):
        return ()
    return tuple(one.model_copy(update={"changed": ()}) for one in before.reports)


def fingerprint(spec: InfrastructureSpec, host: Host, variables: Mapping[str, Any]) -> str:
    """What a secured host stands for: itself, its image, the securing roles, their variables."""
    return _digest([*_identity(host), spec.image, variables, roles_digest(*ROLES)])


def _identity(host: Host) -> list[Any]:
    """What tells a host from another one that gets its name; keys are copied with images."""
    return [host.instance_id or host.address, host.host_key, host.port]


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
