"""Back to a release that the hosts have served before: nothing is built, sent or migrated."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autodeploy.contracts import InfrastructureSpec
from autodeploy.errors import AutodeployError, HostError
from autodeploy.journal import AgentLog
from autodeploy.runner import Play, host_alias, pin, run, write_inventory

PLAYBOOK = "rollback.yml"


def give_back(
    spec: InfrastructureSpec,
    releases: Mapping[str, str],
    folder: Path,
    log: AgentLog,
    before: Mapping[str, Any] | None = None,
) -> None:
    """Give the traffic back to a release that had it before.

    Args:
        spec: The hosts.
        releases: The release by host name; other hosts are let be.
        folder: The application's private folder.
        log: The Deployer's log.
        before: The hook to run before, as `command` and `facts`; None for none.

    Raises:
        HostError: A host has no such release any more, or it is not healthy there now.
    """
    known_hosts = pin(spec.hosts, folder)
    for name in sorted(set(releases.values())):
        hosts = tuple(host for host in spec.hosts if releases.get(host.name) == name)
        there = spec.model_copy(update={"hosts": hosts})
        variables = {
            "rollback_application": spec.application,
            "rollback_release": name,
            "rollback_before": before,
        }
        inventory = write_inventory(there, folder / "rollback.json", known_hosts, variables)
        run(Play(playbook=PLAYBOOK, inventory=inventory), log, "deployer")


def go_back(
    spec: InfrastructureSpec,
    facts: Mapping[str, Mapping[str, Any]],
    folder: Path,
    log: AgentLog,
    error: AutodeployError,
) -> None:
    """Undo a release that failed on the way, on the hosts that have it already; say so in `error`.

    Args:
        spec: The hosts.
        facts: What the release's play has reported, by host.
        folder: The application's private folder.
        log: The Deployer's log.
        error: Why.
    """
    releases = served_before(spec, facts)
    if not releases:
        return
    told = ", ".join(f"{host} to {name}" for host, name in sorted(releases.items()))
    log.warning(f"going back: {told}")
    try:
        give_back(spec, releases, folder, log)
    except HostError as another:
        error.add(f"Going back failed ({told}): {another}")
    else:
        error.add(f"Gone back: {told}.")


def served_before(
    spec: InfrastructureSpec, facts: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    """What each host that was switched served before, by its name, where it served anything."""
    found = {host.name: facts.get(host_alias(spec, host), {}) for host in spec.hosts}
    return {
        name: one["before"]
        for name, one in found.items()
        if one.get("switched") and one.get("before") and one["before"] != one.get("release")
    }
