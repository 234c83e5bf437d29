"""A plan carried out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from autodeploy.aws import Cloud
from autodeploy.contracts import Cost, InfrastructureSpec, Plan, PlannedAction, TechStack
from autodeploy.journal import AgentLog
from autodeploy.provisioner.approval import refuse_outdated
from autodeploy.provisioner.costs import costs_where_known
from autodeploy.provisioner.executor import Executor
from autodeploy.provisioner.keys import Keys
from autodeploy.provisioner.kinds import Desired, Found, Instance, Site
from autodeploy.provisioner.limits import ask_wanted
from autodeploy.provisioner.observed import Observed
from autodeploy.provisioner.owner import Owner
from autodeploy.provisioner.patience import Patience
from autodeploy.provisioner.planning import planned
from autodeploy.provisioner.preflight import needs_of, preflight
from autodeploy.provisioner.pricing import refuse_dear
from autodeploy.provisioner.snapshots import tell_snapshots
from autodeploy.provisioner.spec import addresses_of, spec_of
from autodeploy.settings import Settings


def provision(
    stack: TechStack,
    settings: Settings,
    cloud: Cloud,
    owner: Owner,
    folder: Path,
    log: AgentLog,
    *,
    yes_data: bool = False,
    replaced: frozenset[str] = frozenset(),
    beside: PlannedAction | None = None,
    approved: Plan | None = None,
    stop: threading.Event | None = None,
    on_plan: Callable[[Plan, Cost | None], None] = lambda _plan, _cost: None,
    on_hosts: Callable[[InfrastructureSpec], None] = lambda _: None,
) -> InfrastructureSpec:
    """Carry out the plan and wait until all of it can be used; what is half made is completed.

    Args:
        stack: What the application is made of.
        settings: Its settings.
        cloud: Where.
        owner: Whose the resources are.
        folder: The application's private folder: its keys live there, mode 0600.
        log: Where every mutating call is journalled before and after it is made.
        yes_data: Whether a database may be deleted, after a last snapshot.
        replaced: AWS's identifiers of hosts that others take the place of; they stay until
            `retire` takes them away.
        beside: What was done to the application's secrets: a part of the plan that is done.
        approved: The only plan that may be carried out; None for the one that is made now.
        stop: Set by who wants it to end early.
        on_plan: Hears of the plan before anything of it is done, and of what all costs then; None
            where no list of prices can be read.
        on_hosts: Hears of the hosts as soon as all of them run, in a spec of what is there by then.

    Raises:
        PlanOutdated: Another plan than `approved` would be carried out, and nothing was; or what
            exists changed meanwhile.
        CostRefused: It would cost more than the settings allow, and nothing was made.
        CloudError: AWS refused, or a resource did not become usable.
        Interrupted: `stop` was set.
    """
    keys = Keys(folder)
    with log.step("plan"):
        found = planned(
            *(stack, settings, cloud, owner, keys),
            yes_data=yes_data,
            replaced=replaced,
            beside=beside,
        )
        if approved is not None:
            refuse_outdated(approved, found.whole)
        costs = costs_where_known(found, settings, cloud, owner)
        if costs:
            refuse_dear(costs)
        on_plan(found.whole, costs.after if costs else None)
    if settings.target == "aws":
        preflight(cloud, needs_of(found.plan, found.resources), log)
    ask_wanted(cloud, found.resized)
    to_spec = partial(
        spec_of, stack=stack, settings=settings, owner=owner, region=cloud.region, keys=keys
    )
    site = _site(found.observed, cloud, owner, keys, Patience(stop, log.info, cloud.pace))
    made = Executor(site, log).apply(found.plan, found.resources, found.observed.alive)
    spec = _gathered(made, found.resources, to_spec, on_hosts)
    if found.ends_a_database:
        tell_snapshots(cloud, owner, log)
    keys.keep_host_keys(found.hosts)
    return spec


def _site(observed: Observed, cloud: Cloud, owner: Owner, keys: Keys, patience: Patience) -> Site:
    return Site(
        *(cloud, owner, keys, patience),
        ids=observed.ids,
        ended=dict(observed.ended),
        addresses=addresses_of(observed.alive.values()),
        foreign=observed.foreign.keys(),
    )


def _gathered(
    made: Iterable[Found],
    resources: Sequence[Desired],
    to_spec: Callable[[list[Found]], InfrastructureSpec],
    on_hosts: Callable[[InfrastructureSpec], None],
) -> InfrastructureSpec:
    """The spec of what is made, in the order of `resources`; see `provision` for `on_hosts`."""
    order = {one.key: number for number, one in enumerate(resources)}
    wanting = {one.key for one in resources if one.type == Instance.type}
    there: dict[str, Found] = {}

    def spec() -> InfrastructureSpec:
        return to_spec(sorted(there.values(), key=lambda one: order[one.key]))

    for one in made:
        there[one.key] = one
        if wanting and not (wanting := wanting - {one.key}):
            on_hosts(spec())
    return spec()
