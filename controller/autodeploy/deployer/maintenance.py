"""The page of maintenance, on every host."""

from __future__ import annotations

from pathlib import Path

from autodeploy.contracts import InfrastructureSpec
from autodeploy.journal import AgentLog
from autodeploy.runner import Play, pin, started, write_inventory

PLAYBOOK = "maintenance.yml"


def show_maintenance(spec: InfrastructureSpec, folder: Path, log: AgentLog, *, shown: bool) -> None:
    """Let visitors meet the page, or the application again; doing it twice is as good as once.

    Args:
        spec: The hosts; all of them let us in.
        folder: The application's private folder.
        log: The Deployer's log.
        shown: Whether they meet the page.

    Raises:
        HostError: A host could not be reached, or cannot show it.
    """
    variables = {"proxy_application": spec.application, "proxy_maintenance": shown}
    known_hosts = pin(spec.hosts, folder)
    inventory = write_inventory(spec, folder / "maintenance.json", known_hosts, variables)
    with started(Play(playbook=PLAYBOOK, inventory=inventory), log, "deployer") as running:
        running.wait()
