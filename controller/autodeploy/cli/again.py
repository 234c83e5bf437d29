"""Another release of what is live, as a restart and a change of secrets make one."""

from __future__ import annotations

from typing import Any

from autodeploy.cli import output
from autodeploy.contracts import ApplicationState, DeploymentState


def release(
    known: ApplicationState,
    profile: str | None,
    lock_wait: int | None,
    *,
    restarts: bool = False,
    replaces: tuple[str, ...] = (),
    **flags: Any,
) -> DeploymentState:
    """Make it, and say of what it is otherwise than the deployment that it repeats.

    Args:
        known: The application.
        profile: The profile to use; None for the same.
        lock_wait: Seconds to wait for another controller.
        restarts: Whether it is made though nothing has changed.
        replaces: AWS's identifiers of hosts that others take the place of.
        flags: Settings that are now said otherwise.

    Raises:
        NotDeployed: Nothing is live.
    """
    from autodeploy import conductor
    from autodeploy.cli import wiring

    command = conductor.live_again(
        known, profile, lock_wait, restarts=restarts, replaces=replaces, flags=flags
    )
    for line in conductor.otherwise(known.live, command) if known.live else ():
        output.say(f"  {line}", fg="yellow")
    return conductor.deploy(command, wiring.environment(command.settings))
