"""`destroy`: everything that an application has is removed, and then looked for."""

from __future__ import annotations

from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.removal import remove
from autodeploy.conductor.run import begun
from autodeploy.contracts import DeploymentState


def destroy(command: Command, environment: Environment) -> DeploymentState:
    """Remove all that the application has, in dependency order, and give the run's state."""
    with begun("destroy", command, environment) as run:
        run.changed = remove(command, environment, run)
    return run.journal.state
