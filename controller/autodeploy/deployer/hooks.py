"""Hooks: the application's own commands around a change of its release, and what they are told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autodeploy.contracts import InfrastructureSpec
from autodeploy.errors import HostError, TaskFailed
from autodeploy.journal import AgentLog
from autodeploy.runner import Play, pin, run, write_inventory

PLAYBOOK = "hook.yml"


@dataclass(frozen=True)
class Occasion:
    """Why the release changes.

    Attributes:
        deployment: The deployment's id.
        by: Who deploys, `user@machine`.
        previous: The release that has the traffic before; None for none.
    """

    deployment: str
    by: str
    previous: str | None


def facts(
    spec: InfrastructureSpec,
    url: str | None,
    release: str,
    commit: str | None,
    occasion: Occasion,
) -> dict[str, str]:
    """The variables that hooks have beside the application's own; empty where there is none."""
    told = {
        "application": spec.application,
        "environment": spec.environment,
        "deployment": occasion.deployment,
        "by": occasion.by,
        "release": release,
        "previous_release": occasion.previous,
        "commit": commit,
        "url": url,
        "hosts": ",".join(host.address for host in spec.hosts),
    }
    return {f"AUTODEPLOY_{name.upper()}": value or "" for name, value in told.items()}


def run_after(
    spec: InfrastructureSpec,
    hook: str,
    command: str | None,
    release: str,
    told: dict[str, str],
    folder: Path,
    log: AgentLog,
) -> None:
    """Run a hook, where there is one, once the release serves; that it failed is said and no more.

    Args:
        spec: The hosts.
        hook: Its name in the settings.
        command: Its command.
        release: The release in which it runs.
        told: See `facts`.
        folder: The application's private folder.
        log: The Deployer's log.
    """
    if command is None:
        return
    variables = {
        "hook_application": spec.application,
        "hook_release": release,
        "hook_name": hook,
        "hook_command": command,
        "hook_facts": told,
    }
    inventory = write_inventory(spec, folder / "hook.json", pin(spec.hosts, folder), variables)
    try:
        run(Play(playbook=PLAYBOOK, inventory=inventory), log, "deployer")
    except HostError as error:
        said = error.reported.get("journal", ()) if isinstance(error, TaskFailed) else ()
        log.warning("\n".join([f"the release serves, but {error.cause or error}", *said]))
