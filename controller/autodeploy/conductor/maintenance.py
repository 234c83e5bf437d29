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
from autodeploy.journal.events import MaintenanceIntended, MaintenanceSet
from autodeploy.runner import connections, login_key


def maintenance(command: Command, environment: Environment, *, shown: bool) -> None:
    """Let visitors meet the page, or the application again.

    It holds, whatever is deployed meanwhile, until the contrary is said. The log of the newest run
    says so, before hosts are told and once all are: what is half done, the next deployment does.

    Args:
        command: Names the application.
        environment: Where.
        shown: Whether they meet the page.

    Raises:
        NotDeployed: Nothing takes traffic.
        UsageError: No HTTP reaches it, so nobody would meet the page.
        LeaseHeld: Another controller works on the application.
        HostError: A host could not be reached, or cannot show it; others may.
    """
    store, where = environment.store, command.settings.environment
    folder = store.application_folder(command.name, where)
    with alone("maintenance", command, environment):
        known = _served(store.application(command.name, where), command.name)
        if shown:
            _refuse_unseen(known)
        journal = store.open(known.last.id, environment.listener)
        with access(known, environment), connections(folder):
            spec = standing(known, known.hosts, command.settings, login_key(folder))
            log = journal.agent("deployer")
            deployer.log_in(spec, folder, log)
            journal.write(MaintenanceIntended(shown=shown))
            deployer.show_maintenance(spec, folder, log, shown=shown)
        journal.write(MaintenanceSet(shown=shown))


def settle_maintenance(
    known: ApplicationState | None, spec: InfrastructureSpec, folder: Path, log: AgentLog
) -> None:
    """Let all hosts do what some had not been told; that visitors meet the page, a release tells.

    Args:
        known: The application before its deployment; None where there was none.
        spec: The hosts, which run the release.
        folder: The application's private folder.
        log: The Deployer's log.

    Raises:
        HostError: A host could not be told.
    """
    if known is None or known.maintenance_done:
        return
    if not known.maintenance:
        deployer.show_maintenance(spec, folder, log, shown=False)
    log.write(MaintenanceSet(shown=known.maintenance))


def _served(known: ApplicationState | None, name: str) -> ApplicationState:
    if known is None or known.live is None:
        raise NotDeployed(f"{name} has no release that takes traffic")
    return known


def _refuse_unseen(known: ApplicationState) -> None:
    running = known.live.deployment if known.live else None
    url = running.url if running else None
    if url is None or not url.startswith("http"):
        raise UsageError(
            f"{known.application} cannot show a page: no HTTP reaches it",
            cause=f"it answers at {url}" if url else "it has no web process",
            remediation="Stop its processes where nobody is to use it: `autodeploy ssh APP`.",
        )
