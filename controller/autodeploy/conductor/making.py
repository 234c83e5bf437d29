"""The infrastructure of a deployment: planned, foreseen, and made beside the build."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial

from autodeploy import provisioner, stopping
from autodeploy.aws import Cloud
from autodeploy.conductor import names
from autodeploy.conductor.account import open_cloud
from autodeploy.conductor.deployment import Deployment, Wanted
from autodeploy.conductor.forecast import Intended, forecast
from autodeploy.conductor.infrastructure import Infrastructure, OnHosts
from autodeploy.contracts import SECRETS, Action, Cost, InfrastructureSpec, Plan, Prediction
from autodeploy.journal import AgentLog
from autodeploy.journal.events import Foreseen


@contextmanager
def making(
    deployment: Deployment, wanted: Wanted, pool: ThreadPoolExecutor
) -> Iterator[tuple[Cloud, Infrastructure]]:
    """It, in the making in a thread of the pool, and the door to AWS.

    What fails inside, or is stopped, ends the making too.
    """
    command, known = deployment.command, deployment.known
    with ExitStack() as stages:
        log = stages.enter_context(deployment.run.stage("provisioner"))
        flags = command.infrastructure_flags(known.flags if known else {})
        cloud = open_cloud(command, deployment.environment, deployment.run, flags)
        stage = stages.pop_all()

    def make(on_hosts: OnHosts, stop: threading.Event) -> InfrastructureSpec:
        with stage:
            return _provision(deployment, wanted, cloud, log, on_hosts, stop)

    infrastructure = Infrastructure(pool, make)
    try:
        with stopping.heard(infrastructure.give_up):
            yield cloud, infrastructure
    except BaseException:
        infrastructure.give_up()
        raise


def foresee(deployment: Deployment, wanted: Wanted, plan: Plan, cost: Cost | None = None) -> None:
    """Note what this will do and take; a retry keeps what was noted first."""
    journal, command = deployment.run.journal, deployment.command
    if journal.state.foreseen:
        return
    commit = wanted.source.commit
    intended = Intended(deployment.known, wanted.stack, wanted.settings, plan, commit)
    told = forecast(deployment.environment.store, command.name, intended)
    moved = [one for one in plan.actions if one.key != SECRETS or one.action is not Action.NONE]
    prediction = Prediction(resources=tuple(moved), forecast=told, cost=cost)
    journal.write(Foreseen(prediction=prediction))


def _provision(
    deployment: Deployment,
    wanted: Wanted,
    cloud: Cloud,
    log: AgentLog,
    on_hosts: OnHosts,
    stop: threading.Event,
) -> InfrastructureSpec:
    command, known, owner = deployment.command, deployment.known, deployment.owner

    def hosts_known(spec: InfrastructureSpec) -> None:
        # The world takes its time to hear of a record; and only now, what a load balancer
        # leaves behind is not gone yet.
        if names.is_early(spec, known):
            names.lead(cloud, spec, known, owner, log)
        on_hosts(spec)

    return provisioner.provision(
        *(wanted.stack, wanted.settings, cloud, owner, deployment.folder, log),
        yes_data=command.yes_data,
        replaced=frozenset(command.replaces),
        beside=deployment.marks.planned,
        approved=command.approved.plan if command.approved else None,
        stop=stop,
        on_plan=partial(foresee, deployment, wanted),
        on_hosts=hosts_known,
    )
