"""`destroy`: everything that an application has is removed, and then looked for."""

from __future__ import annotations

from autodeploy import provisioner
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.run import begun
from autodeploy.contracts import DeploymentState
from autodeploy.errors import ResourceFailed
from autodeploy.journal.events import CloudOpened
from autodeploy.runner import INVENTORY


def destroy(command: Command, environment: Environment) -> DeploymentState:
    """Remove all that the application has, in dependency order, and give the run's state."""
    folder = environment.store.application_folder(command.name, command.settings.environment)
    with begun("destroy", command, environment) as run:
        with run.stage("provisioner") as log:
            cloud = environment.open_cloud()
            log.write(CloudOpened(region=cloud.region))
            owner = command.owner(run.journal.state.id)
            removed = provisioner.destroy(cloud, owner, folder, log)
            left = provisioner.inventory_of(cloud, owner)
            if left:
                names = ", ".join(f"{one.type} {one.id}" for one in left)
                raise ResourceFailed("resources are left that were to be removed", cause=names)
        run.changed = bool(removed)
        (folder / INVENTORY).unlink(missing_ok=True)
    return run.journal.state
