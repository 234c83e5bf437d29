"""What this machine knows of applications; imports nothing that deploys."""

from __future__ import annotations

from autodeploy import paths
from autodeploy.contracts import ApplicationState, DeploymentState, DeploymentStatus
from autodeploy.errors import LeaseHeld, NotDeployed, NotTheNewest
from autodeploy.journal import DirectoryStore, Lease

GOES_ON = frozenset(
    {DeploymentStatus.PENDING, DeploymentStatus.RUNNING, DeploymentStatus.ROLLING_BACK}
)
"""What says that somebody works on it."""


def store() -> DirectoryStore:
    """The store of this machine."""
    return DirectoryStore(paths.private_folder(paths.home()))


def find_by(called: str, environment_name: str) -> ApplicationState:
    """What is known of the application of this name, or of the one whose newest change has this id.

    Raises:
        NotDeployed: Nothing is.
        NotTheNewest: The id is another deployment's.
    """
    if called not in store().ids():
        return find(called, environment_name)
    run = store().state(called)
    known = find(run.application, run.environment)
    if known.change is None or known.change.id != called:
        newest = known.change.id if known.change else "none that is left"
        raise NotTheNewest(
            f"{called} is not the newest change of {run.application}: that is {newest}"
        )
    return known


def newest(known: ApplicationState) -> DeploymentState | None:
    """The run that has changed the application last, or tried to, and was not undone."""
    return known.last if known.last.operation == "destroy" else known.change


def is_interrupted(known: ApplicationState) -> bool:
    """Whether the newest run was ended by the end of its process: nobody works on it."""
    run = newest(known)
    if run is None or run.status not in GOES_ON:
        return False
    try:
        with Lease(store().application_folder(known.application, known.environment)):
            return True
    except LeaseHeld:
        return False


def find(name: str, environment_name: str) -> ApplicationState:
    """What is known of an application.

    Raises:
        NotDeployed: Nothing is.
    """
    found = store().application(name, environment_name)
    if found is None:
        known = ", ".join(f"{one} ({where})" for one, where in store().applications())
        raise NotDeployed(
            f"no application {name} in environment {environment_name}",
            cause=f"known are: {known}" if known else "nothing was deployed from here yet",
        )
    return found
