"""`adopt`: the state of an application is lost; what the account tells of it becomes one again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autodeploy.conductor import kept
from autodeploy.conductor.account import open_cloud
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.run import Run, begun
from autodeploy.contracts import DeploymentState
from autodeploy.errors import NotDeployed, StateExists
from autodeploy.journal.events import HostsKnown, ResourceDone, SecretsChanged
from autodeploy.provisioner import Adopted, adopted, tell_snapshots


@dataclass(frozen=True)
class Adoption:
    """What came of it.

    Attributes:
        state: The run's.
        lost: The hosts that nobody can log in to from here.
        folder: Where their keys would have to be.
    """

    state: DeploymentState
    lost: tuple[str, ...]
    folder: Path


def adopt(command: Command, environment: Environment) -> Adoption:
    """Take over everything that bears the application's tags; nothing is changed in AWS.

    Raises:
        StateExists: Something of the application is in a state here.
        NotDeployed: Nothing bears its tags.
        CloudError: AWS could not be asked.
    """
    settings, store = command.settings, environment.store
    _refuse_existing(command, environment)
    folder = store.application_folder(command.name, settings.environment)
    cloud = environment.open_cloud()
    found = adopted(cloud, command.owner("adopt"), folder)
    if not found.resources and kept.kept(command, environment, cloud, "adopt").find() is None:
        raise NotDeployed(
            f"nothing in {cloud.region} is tagged as {command.name} ({settings.environment})",
            remediation="`autodeploy orphans` lists what is tagged in a region (--region).",
        )
    with begun("adopt", command, environment) as run:
        _take_over(run, command, environment, found)
    return Adoption(run.journal.state, found.lost, folder)


def _refuse_existing(command: Command, environment: Environment) -> None:
    where = command.settings.environment
    known = environment.store.application(command.name, where)
    if known and (known.resources or known.hosts or known.secrets):
        raise StateExists(f"{command.name} ({where}) has a state here already")


def _take_over(run: Run, command: Command, environment: Environment, found: Adopted) -> None:
    # Another controller may have made one while we waited for the lease.
    _refuse_existing(command, environment)
    with run.stage("provisioner") as log:
        cloud = open_cloud(command, environment, run, found.flags)
        for one in found.resources:
            log.write(ResourceDone(action="none", key=one.key, type=one.type, id=one.id))
        log.write(HostsKnown(hosts=found.hosts, host_settings=found.host_settings))
        if current := kept.current(command, cloud, run.journal.state.id):
            log.write(SecretsChanged(secrets=current))
        tell_snapshots(cloud, command.owner(run.journal.state.id), log)
