"""`destroy`: everything that an application has is removed, and then looked for."""

from __future__ import annotations

from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.removal import remove
from autodeploy.conductor.run import begun
from autodeploy.conductor.sharing import refuse_shared_network
from autodeploy.contracts import DeploymentState


def destroy(command: Command, environment: Environment) -> DeploymentState:
    """Remove all that the application has, in dependency order, and give the run's state.

    Raises:
        NetworkInUse: Other environments are in its network; no run was begun.
    """
    refuse_shared_network(command, environment)
    with begun("destroy", command, environment) as run:
        run.changed = remove(command, environment, run)
    return run.journal.state
