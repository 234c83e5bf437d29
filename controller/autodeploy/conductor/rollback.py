"""`rollback`: the release before takes the traffic again; nothing is built, sent or migrated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from autodeploy import deployer, provisioner
from autodeploy.aws import Cloud
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.run import Run, undone
from autodeploy.conductor.standing import standing
from autodeploy.contracts import (
    ApplicationState,
    DeploymentConfig,
    DeploymentState,
    Host,
    health_below,
)
from autodeploy.errors import RollbackRefused
from autodeploy.journal import who
from autodeploy.runner import connections, login_key


@dataclass(frozen=True)
class Way:
    """What a rollback undoes, and what it leads to.

    Attributes:
        change: The deployment that is undone.
        before: The deployment whose release takes the traffic again.
        release: That release.
        present: The release that has the traffic now, where any has.
    """

    change: DeploymentState
    before: DeploymentState
    release: DeploymentConfig
    present: DeploymentConfig


def rollback(
    command: Command, environment: Environment, known: ApplicationState
) -> DeploymentState:
    """Undo the newest deployment of the application, and give its state.

    Raises:
        RollbackRefused: There is none that can be undone, or nothing before it.
    """
    asked = what(known)

    def agree() -> None:
        """Another controller may have worked on it since the user was asked."""
        now = environment.store.application(command.name, command.settings.environment)
        if now is None or now.last.id != known.last.id or what(now) != asked:
            raise RollbackRefused(f"{command.name} has changed since: {asked.change.id} stays")

    with undone(asked.change.id, command, environment, agree) as run:
        cloud = None if known.target == "ssh" else environment.open_cloud()
        _carry_out(run, command, environment, known, cloud, asked)
    return run.journal.state


def what(known: ApplicationState) -> Way:
    """What would be undone, and what that leads to.

    Raises:
        RollbackRefused: See `rollback`.
    """
    change, before = known.change, known.before
    if change is None:
        raise RollbackRefused(f"{known.application} has no deployment that could be undone")
    if before is None or before.deployment is None:
        raise RollbackRefused(
            f"{change.id} is the first deployment of {known.application}: nothing was before it",
            remediation=f"`autodeploy destroy {known.application}` removes all of it.",
        )
    live = known.live.deployment if known.live else None
    way = Way(change, before, before.deployment, live or before.deployment)
    if _hosts(before.hosts) != _hosts(known.hosts):
        raise _refused(change, "the hosts are others than then")
    if _front(way.present) != _front(way.release):
        raise _refused(change, "clients reach it another way than then")
    return way


def _refused(change: DeploymentState, why: str) -> RollbackRefused:
    return RollbackRefused(
        f"{change.id} cannot be undone by a rollback: {why}",
        remediation="Deploy the commit of before: `autodeploy deploy REPO --ref COMMIT`.",
    )


def _hosts(hosts: Iterable[Host]) -> set[tuple[object, ...]]:
    return {(host.name, host.instance_id or (host.address, host.port)) for host in hosts}


def _front(config: DeploymentConfig) -> tuple[object, ...]:
    """How clients reach a release, but for an address that a host may get anew."""
    parts = urlsplit(config.url or "")
    named = parts.hostname if config.load_balancer else None
    return parts.scheme, parts.port, named, config.load_balancer


def _carry_out(
    run: Run,
    command: Command,
    environment: Environment,
    known: ApplicationState,
    cloud: Cloud | None,
    way: Way,
) -> None:
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
