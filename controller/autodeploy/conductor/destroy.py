"""`destroy`: everything that an application has is removed, and then looked for."""

from __future__ import annotations

from pathlib import Path

from autodeploy import provisioner
from autodeploy.conductor import existing
from autodeploy.conductor.account import open_cloud
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.run import Run, begun
from autodeploy.conductor.standing import standing
from autodeploy.contracts import DeploymentState
from autodeploy.errors import ResourceFailed
from autodeploy.runner import INVENTORY, keep_login_key, login_key


def destroy(command: Command, environment: Environment) -> DeploymentState:
    """Remove all that the application has, in dependency order, and give the run's state."""
    folder = environment.store.application_folder(command.name, command.settings.environment)
    remove = _from_hosts if command.settings.target == "ssh" else _with_cloud
    with begun("destroy", command, environment) as run:
        run.changed = remove(command, environment, folder, run)
        (folder / INVENTORY).unlink(missing_ok=True)
    return run.journal.state


def _with_cloud(command: Command, environment: Environment, folder: Path, run: Run) -> bool:
    """Delete every resource; whether there were any."""
    with run.stage("provisioner") as log:
        cloud = open_cloud(command, environment, run, {})
        owner = command.owner(run.journal.state.id)
        removed = provisioner.destroy(cloud, owner, folder, log)
        left = provisioner.inventory_of(cloud, owner)
        if left:
            names = ", ".join(f"{one.type} {one.id}" for one in left)
            raise ResourceFailed("resources are left that were to be removed", cause=names)
    return bool(removed)


def _from_hosts(command: Command, environment: Environment, folder: Path, run: Run) -> bool:
    """Take the application off hosts that stay; whether they had anything of it."""
    settings = command.settings
    known = environment.store.application(command.name, settings.environment)
    with run.stage("deployer") as log:
        removed = False
        if known and known.occupied:
            spec = standing(known, known.occupied, settings, login_key(folder))
            removed = existing.leave(spec, spec.hosts, folder, log)
        keep_login_key(folder, None)
    return removed
