"""Everything that an application has is removed, and then looked for."""

from __future__ import annotations

from pathlib import Path

from autodeploy import provisioner
from autodeploy.aws import Cloud
from autodeploy.conductor import existing, kept, names
from autodeploy.conductor.account import open_cloud
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.run import Run
from autodeploy.conductor.standing import standing
from autodeploy.contracts import SECRETS, ApplicationState, DeploymentState
from autodeploy.errors import ResourceFailed
from autodeploy.journal import with_secrets
from autodeploy.journal.events import ResourceDone
from autodeploy.runner import INVENTORY, keep_login_key, login_key


def is_anywhere(known: ApplicationState) -> bool:
    """Whether AWS or a host was ever reached: where not, they may be nowhere to be reached.

    Secrets beside the SSH key take no reaching.
    """
    found = known.region or known.resources or known.occupied or known.secrets
    return bool(found) or known.target == "ssh"


def remove(command: Command, environment: Environment, run: Run) -> bool:
    """Remove all that the application has, in dependency order; whether there was anything.

    Args:
        command: Names the application.
        environment: Where.
        run: The run in whose log it is said.

    Raises:
        CloudError: AWS refused, or something is left.
        HostError: A host was not reached, or something there could not be removed.
    """
    identity = (command.name, command.settings.environment)
    folder = environment.store.application_folder(*identity)
    known = environment.store.application(*identity)
    if known and not is_anywhere(known):
        return False
    if command.settings.target == "ssh":
        removed = _from_hosts(command, environment, known, folder, run)
    else:
        removed = _with_cloud(command, environment, known, folder, run)
    (folder / INVENTORY).unlink(missing_ok=True)
    return removed


def _with_cloud(
    command: Command,
    environment: Environment,
    known: ApplicationState | None,
    folder: Path,
    run: Run,
) -> bool:
    """Delete every resource; whether there were any."""
    with run.stage("provisioner") as log:
        cloud = open_cloud(command, environment, run, run.journal.state.flags)
        owner = command.owner(run.journal.state.id)
        noted = [one.key for one in known.resources] if known else []
        names.forget(cloud, known)
        removed = provisioner.destroy(cloud, owner, folder, log, noted)
        left = provisioner.inventory_of(cloud, owner, noted)
        if left:
            listed = ", ".join(f"{one.type} {one.id}" for one in left)
            raise ResourceFailed("resources are left that were to be removed", cause=listed)
        for one in run.journal.state.resources:
            log.info(f"{one.key} ({one.id}) was gone already")
            log.write(ResourceDone(action="delete", key=one.key, type=one.type, id=one.id))
        return _secrets(command, environment, cloud, known, run) or bool(removed)


def _from_hosts(
    command: Command,
    environment: Environment,
    known: ApplicationState | None,
    folder: Path,
    run: Run,
) -> bool:
    """Take the application off hosts that stay; whether they had anything of it."""
    with run.stage("deployer") as log:
        removed = False
        if known and known.occupied:
            spec = standing(known, known.occupied, command.settings, login_key(folder))
            removed = existing.leave(spec, spec.hosts, folder, log)
        keep_login_key(folder, None)
        return _secrets(command, environment, None, known, run) or removed


def _secrets(
    command: Command,
    environment: Environment,
    cloud: Cloud | None,
    known: ApplicationState | None,
    run: Run,
) -> bool:
    """Remove the secrets, but for those of another run than the one that is undone."""
    state = run.journal.state
    if state.operation != "destroy":
        runs = with_secrets(environment.store.states(state.application, state.environment))
        if not has_made_secrets(state) or any(one.id != state.id for one in runs):
            return False
    place = kept.kept(command, environment, cloud, state.id)
    return kept.remove(run, place, known.secrets if known else None)


def has_made_secrets(run: DeploymentState) -> bool:
    """Whether it has made a version of the secrets, or was about to."""
    return run.secrets is not None or SECRETS in run.intended
