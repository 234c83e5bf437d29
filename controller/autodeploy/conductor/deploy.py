"""`deploy`: a repository becomes a running release.

Recon reads the repository. The Compiler builds it while the Provisioner makes what it runs on; as
soon as the hosts run, the Deployer prepares them and the Sheriff hardens them, though a database is
still being made. Then the Deployer releases it, and the Sheriff reviews.

Which runtime the hosts get is known before either, and fetched where it is not the distribution's.
Hosts that exist are looked at before the build: it is made for what they run.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from autodeploy import deployer
from autodeploy.conductor import existing
from autodeploy.conductor.ahead import ahead
from autodeploy.conductor.approval import refuse_another_plan, refuse_foreign_plan
from autodeploy.conductor.before import is_up, on_same_hosts
from autodeploy.conductor.building import Building
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.deployment import Deployment, Wanted
from autodeploy.conductor.infrastructure import Infrastructure
from autodeploy.conductor.making import foresee, making
from autodeploy.conductor.read import read
from autodeploy.conductor.releasing import Releasing
from autodeploy.conductor.run import Run, begun
from autodeploy.conductor.scaling import scaled
from autodeploy.contracts import DeploymentState, InfrastructureSpec, Plan
from autodeploy.journal.events import SourceRead
from autodeploy.runner import connections, keep_login_key


def deploy(command: Command, environment: Environment) -> DeploymentState:
    """Carry the deployment to its end and give its state, with its error where it failed."""
    refuse_foreign_plan(command)
    with begun("deploy", command, environment) as run:
        carry_out(command, environment, run)
    return run.journal.state


def carry_out(command: Command, environment: Environment, run: Run) -> None:
    """Go all stages of a deployment; where the run goes on, what it has done already is known."""
    known = environment.store.application(command.name, command.settings.environment)
    deployment = Deployment(command, environment, run, known)
    wanted = _read(deployment)
    refuse_another_plan(command, environment, wanted.source, wanted.stack, wanted.settings, known)
    marks, before, folder = deployment.marks, deployment.before, deployment.folder
    marks.complete(wanted.settings)
    is_another_commit = bool(before and wanted.source.commit not in {None, before.commit})
    is_surely_new = is_another_commit or marks.are_new
    log = run.journal.agent("deployer")
    with (
        connections(folder),
        ahead(before, wanted.stack, wanted.settings, is_surely_new, folder, log) as early,
    ):
        if wanted.settings.target == "ssh":
            _change_hosts(deployment, wanted, early)
        else:
            _change(deployment, wanted, early)


def _read(deployment: Deployment) -> Wanted:
    command, before = deployment.command, deployment.before
    with deployment.run.stage("recon") as log:
        source, stack, settings = read(command, deployment.environment, log)
        former = before.repository if before else None
        if former not in {None, command.shown_repository}:
            log.warning(f"{command.name} came from {former} before; --name makes another")
        log.info(f"{stack.language}, {stack.framework or 'no framework'}")
        log.write(
            SourceRead(
                commit=source.commit,
                stack=stack,
                settings=settings.without_secrets(),
                scaled=dict(scaled(command, deployment.environment)),
                variables=settings.variable_marks(),
            )
        )
    return Wanted(source, stack, settings)


def _change(deployment: Deployment, wanted: Wanted, early: deployer.Rollout | None) -> None:
    """Build, make what it runs on, and make that run it."""
    with _building(deployment, wanted) as (pool, building):
        if is_up(deployment, wanted, building):
            deployment.run.changed = False
            return
        with making(deployment, wanted, pool) as (cloud, infrastructure):
            Releasing(deployment, wanted, building, infrastructure, cloud, early).release()


def _change_hosts(deployment: Deployment, wanted: Wanted, early: deployer.Rollout | None) -> None:
    """Build, and make hosts that exist run it."""
    if as_before := on_same_hosts(deployment, wanted):
        with _building(deployment, as_before) as (_pool, building):
            if is_up(deployment, as_before, building):
                deployment.run.changed = False
                return
    found, wanted = _found(deployment, wanted)
    leaving = existing.leaving(deployment.occupied, found.hosts)
    before = deployment.before
    are_the_same = not leaving and before is not None and before.hosts == found.hosts
    with _building(deployment, wanted) as (pool, building):
        if are_the_same and is_up(deployment, wanted, building):
            deployment.run.changed = False
            return
        foresee(deployment, wanted, Plan())
        infrastructure = Infrastructure(pool, lambda _on_hosts, _stop: found)
        releasing = Releasing(deployment, wanted, building, infrastructure, None, early)
        releasing.release(leaving)


@contextmanager
def _building(
    deployment: Deployment, wanted: Wanted
) -> Iterator[tuple[ThreadPoolExecutor, Building]]:
    """The build, begun, and the pool in which one more thread has room."""
    run, environment, name = deployment.run, deployment.environment, deployment.command.name
    made_of = (wanted.source, wanted.stack, wanted.settings)
    # The pool ends last: a thread that fails is heard of by the stage that it belongs to.
    with (
        ThreadPoolExecutor(max_workers=2) as pool,
        Building(run, environment, name, *made_of) as building,
    ):
        building.start(pool)
        yield pool, building


def _found(deployment: Deployment, wanted: Wanted) -> tuple[InfrastructureSpec, Wanted]:
    """The hosts that are named, and what is wanted with the image that they run."""
    settings, owner, occupied = wanted.settings, deployment.owner, deployment.occupied
    with deployment.run.stage("provisioner") as log:
        found, settings = existing.find(wanted.stack, settings, owner, occupied, log)
        keep_login_key(deployment.folder, settings.ssh_key)
    return found, replace(wanted, settings=settings)
