"""`rollback`: the release before takes the traffic again; nothing is built, sent or migrated."""

from __future__ import annotations

from autodeploy import deployer, provisioner
from autodeploy.aws import Cloud
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.run import Run, undone, who
from autodeploy.contracts import (
    ApplicationState,
    DeploymentConfig,
    DeploymentState,
    InfrastructureSpec,
    health_below,
)
from autodeploy.errors import RollbackRefused
from autodeploy.runner import login_key


def rollback(
    command: Command, environment: Environment, known: ApplicationState
) -> DeploymentState:
    """Undo the newest deployment of the application, and give its state.

    Raises:
        RollbackRefused: There is none that can be undone, or nothing before it.
    """
    change, target = what(known)
    with undone(change.id, command, environment) as run:
        cloud = None if known.target == "ssh" else environment.open_cloud()
        _carry_out(run, command, environment, known, cloud, change, target)
    return run.journal.state


def what(known: ApplicationState) -> tuple[DeploymentState, DeploymentConfig]:
    """The deployment that is undone, and the release that it leads back to.

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
    return change, before.deployment


def _carry_out(
    run: Run,
    command: Command,
    environment: Environment,
    known: ApplicationState,
    cloud: Cloud | None,
    change: DeploymentState,
    target: DeploymentConfig,
) -> None:
    folder = environment.store.application_folder(command.name, command.settings.environment)
    spec = InfrastructureSpec(
        application=known.application,
        environment=known.environment,
        target=known.target,
        region=known.region,
        image=command.settings.image,
        resources=known.resources,
        hosts=known.hosts,
        ssh_key=login_key(folder),
    )
    with (
        provisioner.admitted(cloud, known.resources, run.journal.write),
        run.stage("deployer") as log,
    ):
        previous = change.deployment.release if change.deployment else None
        occasion = deployer.Occasion(change.id, who(), previous)
        told = deployer.facts(spec, target.release, None, occasion)
        before = {"command": target.hooks.get("before_rollback"), "facts": told}
        releases = {host.name: target.release for host in spec.hosts}
        deployer.give_back(spec, releases, folder, log, before)
        if target.url:
            outside = deployer.Outside(target.url, target.load_balancer, environment.authority)
            below = health_below(target.health_path, target.health_highest)
            deployer.gate(outside, target.health_path, below, log)
        after = target.hooks.get("after_rollback")
        deployer.run_after(spec, "after_rollback", after, target.release, told, folder, log)
