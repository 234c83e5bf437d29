"""`rollback`: the newest deployment is undone.

The release before takes the traffic again, and nothing is built, sent or migrated; a first
deployment is removed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from autodeploy import deployer, provisioner, stopping
from autodeploy.aws import Cloud
from autodeploy.conductor import account
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.removal import has_made_secrets, is_anywhere, remove
from autodeploy.conductor.run import BACK, Run, resumed
from autodeploy.conductor.sharing import refuse_shared_network
from autodeploy.conductor.standing import standing
from autodeploy.conductor.way import Removal, Switch, what
from autodeploy.contracts import (
    ApplicationState,
    DeploymentState,
    DeploymentStatus,
    InfrastructureSpec,
    health_below,
)
from autodeploy.errors import AutodeployError, DataStays, RollbackRefused
from autodeploy.journal import AgentLog, Journal, newest_number, who
from autodeploy.journal.events import RollbackBegun
from autodeploy.runner import connections, login_key

DATABASE = "AWS::RDS::DBInstance"
ENDED_BADLY = frozenset({DeploymentStatus.FAILED, DeploymentStatus.CANCELLED})


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
    if not command.yes_data:
        refuse_to_lose_data(asked, known)
    back = _Back(command, environment, known)
    opened = ExitStack()

    @contextmanager
    def agree(journal: Journal) -> Iterator[None]:
        """Another controller may have worked on it since the user was asked."""
        now = environment.store.application(command.name, command.settings.environment)
        seen, there = ((one.last.id, one.secrets) if one else None for one in (known, now))
        if now is None or seen != there or what(now, release) != asked:
            raise RollbackRefused(f"{command.name} has changed since: {asked.change.id} stays")
        with opened:  # However the run ends, what was opened for it is shut.
            back.look(asked, opened, journal)
            stopping.check()
            yield

    with resumed(asked.change.id, BACK, command, environment, agree) as run:
        leads_to = asked.before.id if isinstance(asked, Switch) else None
        newest = newest_number(environment.store.states(known.application, known.environment))
        run.journal.write(RollbackBegun(leads_to=leads_to, secrets=newest))
        with opened.pop_all():
            back.carry_out(asked, run)
    return run.journal.state


def refuse_to_lose_data(way: Switch | Removal, known: ApplicationState) -> None:
    """Refuse a way back that only somebody who knows the data can agree to.

    Raises:
        DataStays: Data was migrated since, or would go.
    """
    if isinstance(way, Removal):
        _refuse_to_end_data(way, known)
    elif way.migrations:
        raise _data_stays(way)


def undo_failed(
    command: Command, environment: Environment, state: DeploymentState
) -> DeploymentState:
    """Remove what a first deployment made that has failed or was stopped, where that was asked for.

    Any other stays as it is, and so does one that was stopped at once.
    """
    if command.on_failure != "rollback" or state.status not in ENDED_BADLY or stopping.is_final():
        return state
    known = environment.store.application(command.name, command.settings.environment)
    if known is None:
        return state
    try:
        way = what(known)
    except RollbackRefused:
        return state
    if not isinstance(way, Removal) or way.change != state:
        return state
    try:
        undone = rollback(command, environment, known)
    except AutodeployError as error:
        why = "".join(f"\n  {line}" for line in (error.cause or "").splitlines())
        environment.store.say(f"what it made is kept: {error.message}{why}\n  {error.remediation}")
        return state
    if state.migration:
        environment.store.say(f"`{state.migration}` has run: data that is elsewhere stays so")
    return undone


def _refuse_to_end_data(way: Removal, known: ApplicationState) -> None:
    """A deployment that has served, or has migrated, may have data.

    Who repeats a rollback means a release, and one that comes by itself asks nobody.
    """
    change = way.change
    databases = [one.id for one in way.resources if one.type == DATABASE]
    has_served = change.had_completed or change.status is DeploymentStatus.COMPLETED
    if not databases or not (has_served or change.migration):
        return
    raise DataStays(
        f"{change.id} is the first deployment of {known.application}: undoing it removes the "
        f"application and the data in {', '.join(databases)}",
        cause=f"`{change.migration}` has begun to fill it" if change.migration else None,
        remediation=f"Agree with `autodeploy rollback {change.id} --yes-data`; a last snapshot of "
        "the data is kept.",
    )


def _has_provisioned(run: DeploymentState) -> bool:
    return any(stage.agent == "provisioner" for stage in run.stages)


def _data_stays(way: Switch) -> DataStays:
    return DataStays(
        f"data was migrated since release {way.release.release}, and stays as it is",
        cause="\n".join(way.migrations),
    )


class _Back:
    """The way back: first a look whether it can be gone, then it is."""

    def __init__(self, command: Command, environment: Environment, known: ApplicationState) -> None:
        self._command = command
        self._environment = environment
        self._known = known
        where = command.settings.environment
        self._folder = environment.store.application_folder(command.name, where)
        self._cloud: Cloud | None = None

    def look(self, way: Switch | Removal, opened: ExitStack, journal: Journal) -> None:
        """Refuse what could only fail; what is opened on the hosts for it serves the run too.

        Raises:
            RollbackRefused: A release is gone, or something is another deployment's.
        NetworkInUse: Other environments are in the network that would go.
            CloudError: The credentials are refused, or another account's.
            HostError: A host does not let us in.
        """
        known, folder = self._known, self._folder
        if known.target != "ssh" and is_anywhere(known):
            self._cloud, _ = account.opened(self._command, self._environment, known)
        if isinstance(way, Switch):
            opened.enter_context(
                provisioner.admitted(self._cloud, known.resources, folder, journal.write)
            )
            opened.enter_context(connections(folder))
            spec = self._spec()
            deployer.log_in(spec, folder, journal.agent("deployer"))
            deployer.refuse_gone(spec, way.release.release, folder)
        elif self._cloud:
            owner = self._command.owner(way.change.id)
            refuse_shared_network(self._command, self._environment)
            provisioner.refuse_shared(self._cloud, owner, [one.key for one in known.resources])

    def carry_out(self, way: Switch | Removal, run: Run) -> None:
        """Go it."""
        if isinstance(way, Switch):
            with run.stage("deployer") as log:
                self._switch(way, log)
        elif has_made_secrets(way.change) or _has_provisioned(way.change):
            # One that came to nothing is not asked about.
            remove(self._command, self._environment, run)

    def _spec(self) -> InfrastructureSpec:
        known = self._known
        return standing(known, known.hosts, self._command.settings, login_key(self._folder))

    def _switch(self, way: Switch, log: AgentLog) -> None:
        spec, folder, target, present = self._spec(), self._folder, way.release, way.present
        occasion = deployer.Occasion(way.change.id, who(), present.release)
        told = deployer.facts(spec, present.url, target.release, way.before.commit, occasion)
        before = {"command": target.hooks.get("before_rollback"), "facts": told}
        releases = {host.name: target.release for host in spec.hosts}
        balancer = None
        if self._cloud and present.load_balancer:
            is_left = target.is_exclusive or present.is_exclusive
            balancer = deployer.Balancer(self._cloud, spec, is_left=is_left)
        try:
            deployer.give_back(spec, releases, folder, log, before, balancer)
        finally:
            if balancer:
                balancer.restore(log)
        if present.url:
            authority = self._environment.authority
            outside = deployer.Outside(present.url, present.front, authority)
            below = health_below(target.health_path, target.health_highest)
            deployer.gate(outside, target.health_path, below, log)
        after = target.hooks.get("after_rollback")
        deployer.run_after(spec, "after_rollback", after, target.release, told, folder, log)
