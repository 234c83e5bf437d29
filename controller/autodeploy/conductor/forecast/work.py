"""What kind of work a deployment is: runs of the same work take about as long. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from autodeploy.conductor.forecast.intended import Intended
from autodeploy.contracts import (
    Action,
    ApplicationState,
    DeploymentState,
    DeploymentStatus,
    Plan,
)
from autodeploy.provisioner.kinds import Cache, Certificate, Database, Instance, LoadBalancer
from autodeploy.settings import Settings
from autodeploy.words import number_of

NOTHING = "nothing"
SLOW = {
    Instance.type: "hosts",
    Database.type: "database",
    Cache.type: "Redis",
    LoadBalancer.type: "load balancer",
    Certificate.type: "certificate",
}
"""What takes its time to be made, changed or removed."""
MADE = frozenset({Action.CREATE, Action.REPLACE})


def work(intended: Intended) -> str:
    """The kind, for people: `first deployment, 1 host, database`."""
    if intended.is_nothing:
        return NOTHING
    known, settings, plan = intended.known, intended.settings, intended.plan
    count = len(settings.addresses) or settings.hosts
    words = [_kind(known, settings, plan), number_of(count, "host")]
    words += ["hardened"] if settings.harden and _unsecured(known, settings, plan) else []
    words += ["same source"] if intended.is_same_source else []
    words += ["release command"] if intended.stack.release_command else []
    return ", ".join([*words, *sorted(set(_slow(plan)))])


def is_like(run: DeploymentState, kind: str, target: str) -> bool:
    """Whether a run tells how long work of that kind takes: it went to its end in one go."""
    is_whole = run.status is DeploymentStatus.COMPLETED and not run.resumed
    if run.operation != "deploy" or not is_whole or run.target != target:
        return False
    if kind == NOTHING:
        return not run.changed
    return run.changed and run.foreseen is not None and run.foreseen.forecast.work == kind


def _kind(known: ApplicationState | None, settings: Settings, plan: Plan) -> str:
    if known is None or known.live is None:
        return "first deployment"
    there = {f"{host.user}@{host.address}" for host in known.hosts}
    joins = any(one.type == Instance.type and one.action in MADE for one in plan.actions)
    if joins or any(one.partition(":")[0] not in there for one in settings.addresses):
        return "new hosts"
    return "changed infrastructure" if plan.changes else "release"


def _unsecured(known: ApplicationState | None, settings: Settings, plan: Plan) -> bool:
    """Whether a host is not known to be hardened yet."""
    if known is None or settings.addresses:
        return known is None or not known.secured
    hosts = [
        one for one in plan.actions if one.type == Instance.type and one.action is not Action.DELETE
    ]
    return any(one.action in MADE or one.key not in known.secured for one in hosts)


def _slow(plan: Plan) -> Iterator[str]:
    """What takes its time; that hosts are made says the kind."""
    for one in plan.actions:
        made_host = one.type == Instance.type and one.action in MADE
        if one.type in SLOW and one.action is not Action.NONE and not made_host:
            yield SLOW[one.type]
