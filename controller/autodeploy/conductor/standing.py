"""What an application stands on already, as far as work on its hosts needs it."""

from __future__ import annotations

from pathlib import Path

from autodeploy.contracts import ApplicationState, DeploymentState, Host, InfrastructureSpec
from autodeploy.settings import Settings


def standing(
    known: ApplicationState | DeploymentState,
    hosts: tuple[Host, ...],
    settings: Settings,
    ssh_key: Path | None,
) -> InfrastructureSpec:
    """The hosts and whose they are; how clients reach them is not in it.

    Args:
        known: Whose they are, and what else there is.
        hosts: Which, at least one.
        settings: For the image.
        ssh_key: As in `InfrastructureSpec`.
    """
    return InfrastructureSpec(
        application=known.application,
        environment=known.environment,
        target=known.target,
        region=known.region,
        image=settings.image,
        resources=known.resources,
        hosts=hosts,
        ssh_key=ssh_key,
    )
