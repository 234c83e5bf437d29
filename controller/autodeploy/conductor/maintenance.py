"""`maintenance`: visitors meet a page in place of the application, which runs on behind it."""

from __future__ import annotations

from pathlib import Path

from autodeploy import deployer
from autodeploy.conductor.access import access
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.run import alone
from autodeploy.conductor.standing import standing
from autodeploy.contracts import ApplicationState, InfrastructureSpec
from autodeploy.errors import NotDeployed, UsageError
from autodeploy.journal import AgentLog
from autodeploy.journal.events import MaintenanceSet
from autodeploy.runner import connections, login_key


def maintenance(command: Command, environment: Environment, *, shown: bool) -> None:
    """Let visitors meet the page, or the application again.

    It holds, whatever is deployed meanwhile, until the contrary is said. The log of the newest run
    says so.

    Args:
        command: Names the application.
        environment: Where.
        shown: Whether they meet the page.

    Raises:
        NotDeployed: Nothing takes traffic.
        UsageError: No HTTP reaches it.
        LeaseHeld: Another controller works on the application.
        HostError: A host could not be reached, or cannot show it; others may.
    """
    store, where = environment.store, command.settings.environment
    folder = store.application_folder(command.name, where)
    with alone("maintenance", command, environment):
        known = _served(store.application(command.name, where), command.name)
        journal = store.open(known.last.id, environment.listener)
        with access(known, environment), connections(folder):
            spec = standing(known, known.hosts, command.settings, login_key(folder))
            log = journal.agent("deployer")
            deployer.log_in(spec, folder, log)
            deployer.show_maintenance(spec, folder, log, shown=shown)
        journal.write(MaintenanceSet(shown=shown))


def keep_maintenance(spec: InfrastructureSpec, folder: Path, log: AgentLog) -> None:
    """Let visitors of hosts that a deployment has added meet the page too; it may be another now.

    Args:
        spec: The hosts, which run the release.
        folder: The application's private folder.
        log: The Deployer's log.

    Raises:
        HostError: A host cannot show it.
    """
    if _is_web(spec.url):
        deployer.show_maintenance(spec, folder, log, shown=True)


def _is_web(url: str | None) -> bool:
    return url is not None and url.startswith("http")


def _served(known: ApplicationState | None, name: str) -> ApplicationState:
    running = known.live.deployment if known and known.live else None
    if known is None or running is None:
        raise NotDeployed(f"{name} has no release that takes traffic")
    if not _is_web(running.url):
        raise UsageError(
            f"{name} cannot show a page: no HTTP reaches it",
            cause=f"it answers at {running.url}" if running.url else "it has no web process",
            remediation="Stop its processes where nobody is to use it: `autodeploy ssh APP`.",
        )
    return known
