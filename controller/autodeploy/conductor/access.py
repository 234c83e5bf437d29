"""Access to an application's hosts outside of a deployment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from autodeploy import provisioner
from autodeploy.conductor.command import Environment
from autodeploy.contracts import ApplicationState


@contextmanager
def access(known: ApplicationState, environment: Environment) -> Iterator[None]:
    """Inside the `with`, SSH from this machine reaches the application's hosts.

    Raises:
        CloudError: AWS refused, or could not be asked.
    """
    cloud = None if known.target == "ssh" else environment.open_cloud()
    with provisioner.admitted(cloud, known.resources, lambda _: None):
        yield
