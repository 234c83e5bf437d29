"""`rollback`: the newest deployment is undone.

The release before takes the traffic again, and nothing is built, sent or migrated; a first
deployment is removed.
"""

from __future__ import annotations

from autodeploy import deployer, provisioner
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.removal import remove
from autodeploy.conductor.run import BACK, Run, resumed
from autodeploy.conductor.standing import standing
from autodeploy.conductor.way import Removal, Switch, what
from autodeploy.contracts import ApplicationState, DeploymentState, DeploymentStatus, health_below
from autodeploy.errors import DataStays, RollbackRefused, StateError
from autodeploy.journal import who
from autodeploy.journal.events import RollbackBegun
from autodeploy.runner import connections, login_key

DATABASE = "AWS::RDS::DBInstance"


def rollback(
    command: Command,
    environment: Environment,
    known: ApplicationState,
    release: str | None = None,
) -> DeploymentState:
    """Undo the newest deployment of the application, and give its state.

    Args:
        command: Names the application; its `yes_data` agrees that migrated data stays as it is.
        environment: Where.
        known: The application as the user has seen it.
        release: As in `what`.

    Raises:
        RollbackRefused: There is none that can be undone, or no such way.
        DataStays: Data was migrated since, and nobody has agreed that it stays so.
    """
    asked = what(known, release)
    if isinstance(asked, Switch) and asked.migrations and not command.yes_data:
        raise _data_stays(asked)
    if isinstance(asked, Removal) and not command.yes_data:
        _refuse_to_end_data(asked, known)
    if known.target == "aws":
        environment.open_cloud().identity()  # Nothing is begun with credentials that are refused.

    def agree() -> None:
        """Another controller may have worked on it since the user was asked."""
        now = environment.store.application(command.name, command.settings.environment)
        if now is None or now.last.id != known.last.id or what(now, release) != asked:
            raise RollbackRefused(f"{command.name} has changed since: {asked.change.id} stays")

    with resumed(asked.change.id, BACK, command, environment, agree) as run:
        if isinstance(asked, Switch):
            run.journal.write(RollbackBegun(leads_to=asked.before.id))
            _switch(run, command, environment, known, asked)
        else:
            run.journal.write(RollbackBegun(leads_to=None))
            _remove(run, command, environment, asked)
    return run.journal.state


def undo_failed(
    command: Command, environment: Environment, state: DeploymentState
) -> DeploymentState:
    """Remove what a first deployment made that has failed; any other stays as it is."""
    known = environment.store.application(command.name, command.settings.environment)
    if known is None or state.status is not DeploymentStatus.FAILED:
        return state
    try:
        way = what(known)
    except RollbackRefused:
        return state
    if not isinstance(way, Removal) or way.change.id != state.id:
        return state
    try:
        return rollback(command, environment, known)
    except StateError as error:
        environment.store.say(f"what it made is kept: {error}")
        return state


def _refuse_to_end_data(way: Removal, known: ApplicationState) -> None:
    """A deployment that has served may have data: who repeats a rollback means a release."""
    change = way.change
    databases = [one.id for one in way.resources if one.type == DATABASE]
    if not databases or not (change.had_completed or change.status is DeploymentStatus.COMPLETED):
        return
    raise DataStays(
        f"{change.id} is the first deployment of {known.application}: undoing it removes the "
        f"application and the data in {', '.join(databases)}",
        remediation="Agree with --yes-data; a last snapshot of the data is kept.",
    )


def _data_stays(way: Switch) -> DataStays:
    return DataStays(
        f"data was migrated since release {way.release.release}, and stays as it is",
        cause="\n".join(way.migrations),
    )


def _remove(run: Run, command: Command, environment: Environment, way: Removal) -> None:
    """Remove what a first deployment made; one that came to nothing is not asked about."""
    change = way.change
    if any(stage.agent == "provisioner" for stage in change.stages):
        remove(command, environment, run, made_by=change.id)


def _switch(
    run: Run,
    command: Command,
    environment: Environment,
    known: ApplicationState,
    way: Switch,
) -> None:
    cloud = None if known.target == "ssh" else environment.open_cloud()
    folder = environment.store.application_folder(command.name, command.settings.environment)
    target, present = way.release, way.present
    spec = standing(known, known.hosts, command.settings, login_key(folder))
    with (
        provisioner.admitted(cloud, known.resources, run.journal.write),
        connections(folder),
        run.stage("deployer") as log,
    ):
        occasion = deployer.Occasion(way.change.id, who(), present.release)
        told = deployer.facts(spec, present.url, target.release, way.before.commit, occasion)
        before = {"command": target.hooks.get("before_rollback"), "facts": told}
        releases = {host.name: target.release for host in spec.hosts}
        deployer.log_in(spec, folder, log)
        balancer = None
        if cloud and present.load_balancer:
            is_left = target.is_exclusive or present.is_exclusive
            balancer = deployer.Balancer(cloud, spec, is_left=is_left)
        try:
            deployer.give_back(spec, releases, folder, log, before, balancer)
        finally:
            if balancer:
                balancer.restore(log)
        if present.url:
            outside = deployer.Outside(present.url, present.load_balancer, environment.authority)
            below = health_below(target.health_path, target.health_highest)
            deployer.gate(outside, target.health_path, below, log)
        after = target.hooks.get("after_rollback")
        deployer.run_after(spec, "after_rollback", after, target.release, told, folder, log)
