"""Back to a release that the hosts have served before: nothing is built, sent or migrated."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from autodeploy import stopping
from autodeploy.contracts import InfrastructureSpec
from autodeploy.deployer.balancer import Balancer
from autodeploy.errors import AutodeployError, HostError, RollbackRefused
from autodeploy.journal import AgentLog
from autodeploy.runner import Play, holds, host_alias, pin, started, write_inventory

PLAYBOOK = "rollback.yml"


def give_back(
    spec: InfrastructureSpec,
    releases: Mapping[str, str],
    folder: Path,
    log: AgentLog,
    before: Mapping[str, Any] | None = None,
    balancer: Balancer | None = None,
    *,
    is_whole: bool = True,
) -> None:
    """Give the traffic back to a release that had it before.

    Args:
        spec: The hosts.
        releases: The release by host name; other hosts are let be.
        folder: The application's private folder.
        log: The Deployer's log.
        before: The hook to run before, as `command` and `facts`; None for none.
        balancer: Asked on the way; None where none stands before the hosts.
        is_whole: Whether hosts that are done go back where another fails.

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
            "rollback_balanced": balancer is not None,
            "rollback_leaves": balancer is not None and balancer.is_left,
        }
        inventory = write_inventory(there, folder / "rollback.json", known_hosts, variables)
        play = Play(playbook=PLAYBOOK, inventory=inventory)
        answers = balancer.answers if balancer else {}
        with started(play, log, "deployer", answers) as running:
            try:
                running.wait()
            except HostError as error:
                if is_whole:
                    go_back(there, running.facts, balancer, folder, log, error)
                raise


def refuse_gone(spec: InfrastructureSpec, release: str, folder: Path) -> None:
    """Refuse to go back to a release that a host has no more; changes nothing there.

    Args:
        spec: The hosts; all of them let us in.
        release: Its name.
        folder: The application's private folder.

    Raises:
        RollbackRefused: Some of them have it no more.
        HostUnreachable: One does not answer.
    """
    there = f"/srv/{spec.application}/releases"
    # As `Store.remembered` of the role artifact tells it.
    look = f"test -d {there}/{release} && grep -q '\"served\"' {there}/.{release}.json"
    is_there = partial(holds, key=spec.ssh_key, known_hosts=pin(spec.hosts, folder), look=look)
    with ThreadPoolExecutor() as pool:
        seen = zip(spec.hosts, pool.map(is_there, spec.hosts), strict=True)
        gone = [host.name for host, found in seen if not found]
    if gone:
        raise RollbackRefused(
            f"release {release} is no longer on {', '.join(gone)}: nothing was changed",
            remediation="Deploy the commit of before: `autodeploy deploy REPO --ref COMMIT`.",
        )


def go_back(
    spec: InfrastructureSpec,
    facts: Mapping[str, Mapping[str, Any]],
    balancer: Balancer | None,
    folder: Path,
    log: AgentLog,
    error: AutodeployError,
) -> None:
    """Undo a release that failed on the way, on the hosts that have it already; say so in `error`.

    Args:
        spec: The hosts.
        facts: What the release's play has reported, by host.
        balancer: See `give_back`.
        folder: The application's private folder.
        log: The Deployer's log.
        error: Why.

    Raises:
        Exception: As `stopping.guard`: others see to the hosts now.
    """
    releases = served_before(spec, facts)
    if not releases:
        return
    stopping.guard()
    told = ", ".join(f"{host} to {name}" for host, name in sorted(releases.items()))
    log.warning(f"going back: {told}")
    try:
        with stopping.uninterrupted():
            give_back(spec, releases, folder, log, balancer=balancer, is_whole=False)
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
