"""Another release of what is live: a restart, a change of secrets, or of how many processes run."""

from __future__ import annotations

from collections.abc import Callable

from autodeploy.conductor.again import otherwise
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.deploy import carry_out
from autodeploy.conductor.run import alone, recorded
from autodeploy.contracts import ApplicationState, DeploymentState
from autodeploy.errors import NotDeployed


def release_anew(
    make: Callable[[ApplicationState], Command], known: ApplicationState, environment: Environment
) -> DeploymentState:
    """Make it, and give the run's state.

    It is of what is live once nobody else can work on the application: another deployment that was
    waited for is not undone by it.

    Args:
        make: `live_again`, with what is to be otherwise.
        known: The application as the user has seen it.
        environment: Where.

    Raises:
        NotDeployed: Nothing is live, or no longer where it was.
    """
    seen = make(known)
    with alone("deploy", seen, environment):
        now = environment.store.application(known.application, known.environment)
        if now is None or (now.target, now.region) != (known.target, known.region):
            raise NotDeployed(f"{known.application} has gone since it was looked at")
        command = make(now)
        with recorded("deploy", command, environment) as run:
            log = run.journal.agent("conductor")
            for line in otherwise(now.live, command) if now.live else ():
                log.warning(line)
            carry_out(command, environment, run)
    return run.journal.state
