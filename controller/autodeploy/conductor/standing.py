"""What an application stands on already, as far as work on its hosts needs it."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from autodeploy.contracts import ApplicationState, DeploymentState, Host, InfrastructureSpec
from autodeploy.errors import StateError
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


def settings_of_live(
    live: DeploymentState, known: ApplicationState, settings: Settings
) -> Settings:
    """Those that the live deployment had; older versions kept only a part of them.

    Args:
        live: It.
        known: Its application.
        settings: Where that lives.

    Raises:
        StateError: This version does not take them.
    """
    before = live.settings or {**known.host_settings, **known.flags}
    identity = settings.model_dump(include={"environment", "target", "region", "profile"})
    try:
        return Settings.model_validate({**before, **live.host_settings, **identity})
    except ValidationError as error:
        raise StateError(
            f"this version does not take the settings of {live.id}",
            cause=str(error),
            remediation="Deploy again with this version, then compare.",
        ) from error
