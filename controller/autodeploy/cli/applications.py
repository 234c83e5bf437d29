"""What this machine knows of applications; imports nothing that deploys."""

from __future__ import annotations

from autodeploy import paths
from autodeploy.contracts import ApplicationState
from autodeploy.errors import NotDeployed
from autodeploy.journal import DirectoryStore


def store() -> DirectoryStore:
    """The store of this machine."""
    return DirectoryStore(paths.private_folder(paths.home()))


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
