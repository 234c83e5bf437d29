"""Another release of what is live, as a restart and a change of secrets make one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autodeploy.contracts import ApplicationState, DeploymentState

if TYPE_CHECKING:
    from autodeploy.conductor import Command


def release(
    known: ApplicationState, profile: str | None, lock_wait: int | None, **anew: Any
) -> DeploymentState:
    """Make it.

    Args:
        known: The application.
        profile: The profile to use; None for the same.
        lock_wait: Seconds to wait for another controller.
        anew: What is otherwise, as `live_again` takes it.

    Raises:
        NotDeployed: Nothing is live.
    """
    from autodeploy import conductor
    from autodeploy.cli import wiring

    def make(now: ApplicationState) -> Command:
        return conductor.live_again(now, profile, lock_wait, **anew)

    return conductor.release_anew(make, known, wiring.environment(make(known).settings))
