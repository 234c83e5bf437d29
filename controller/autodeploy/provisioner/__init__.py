"""The Provisioner: from needs to AWS resources.

    surroundings  what the desired state depends on besides stack and settings
      foreign       the network that is used where it is not one of its own
    desired       what should be: pure
      front         the load balancer's part of it
      alarms        who is told when, of what there is
    observed      what is: one read a kind
    planner       both → Plan: every resource's fate, with its reason
    differences   both, and the state → what is otherwise
    preflight     who we are in the account, what we may, how much there may be
    approval      whether a plan that was approved still is that Plan
    executor      does exactly what the plan says, side by side where it can
    deletion      takes everything away again
    retirement    takes hosts away that others have taken the place of
    hostlook      what AWS says of the hosts now
    snapshots     what is left of databases then
    adoption      what the account itself tells, where the state is lost
    tagged        what bears our tags, whosever it is
    pricing       what things cost: those that exist, and those of a plan
    admission     SSH, for as long as somebody works on the hosts
    present       the managed database that an application has, asked of RDS
    passwords     a database's and a cache's, for who tells the application
    metrics       what CloudWatch has measured of it
    existing      hosts that exist, for the target ssh: looked at, nothing is made

`plan` and `provision` go the same way; only the last step differs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path

from autodeploy import stopping
from autodeploy.aws import Cloud
from autodeploy.contracts import (
    Action,
    ApplicationState,
    Cost,
    CostChange,
    Difference,
    InfrastructureSpec,
    Plan,
    Resource,
    TechStack,
)
from autodeploy.errors import StateError
from autodeploy.journal import AgentLog
from autodeploy.provisioner.admission import admitted
from autodeploy.provisioner.adoption import Adopted, adopted
from autodeploy.provisioner.approval import basis, refuse_outdated
from autodeploy.provisioner.deletion import delete_in_waves, refuse_others
from autodeploy.provisioner.desired import desired
from autodeploy.provisioner.differences import differences
from autodeploy.provisioner.dns import ADDRESS_TTL, forget_address, lead
from autodeploy.provisioner.executor import Executor
from autodeploy.provisioner.existing import find_hosts, reach_hosts
from autodeploy.provisioner.hostlook import HostSeen, hosts_seen
from autodeploy.provisioner.keys import Keys
from autodeploy.provisioner.kinds import (
    Database,
    Desired,
    Found,
    Instance,
    Site,
    in_order_of_deletion,
)
from autodeploy.provisioner.limits import ask_wanted
from autodeploy.provisioner.metrics import measured
from autodeploy.provisioner.observed import Observed, observe, read_all
from autodeploy.provisioner.owner import Owner
from autodeploy.provisioner.passwords import Login, passwords, secret_text
from autodeploy.provisioner.patience import Patience
from autodeploy.provisioner.planner import decide, refuse_lost_keys, refuse_to_move
from autodeploy.provisioner.preflight import needs_of, preflight
from autodeploy.provisioner.present import managed_database
from autodeploy.provisioner.pricing import cost_change, cost_of, kept, price_list, refuse_dear
from autodeploy.provisioner.retirement import retire
from autodeploy.provisioner.snapshots import tell_snapshots
from autodeploy.provisioner.spec import addresses_of, spec_of
from autodeploy.provisioner.surroundings import Surroundings, surroundings
from autodeploy.settings import Settings

__all__ = [
    "ADDRESS_TTL",
    "Adopted",
    "HostSeen",
    "Login",
    "Owner",
    "admitted",
    "adopted",
    "cost_of",
    "destroy",
    "drift",
    "find_hosts",
    "forget_address",
    "hosts_seen",
    "inventory_of",
    "lead",
    "managed_database",
    "measured",
    "passwords",
    "plan",
    "provision",
    "reach_hosts",
    "refuse_shared",
    "retire",
    "secret_text",
    "tell_snapshots",
]


def plan(
    stack: TechStack,
    settings: Settings,
    cloud: Cloud,
    owner: Owner,
    folder: Path | None = None,
    *,
    yes_data: bool = False,
) -> tuple[Plan, CostChange]:
    """What `provision` would do now, and what that makes of the cost. Reads only.

    Args:
        stack: What the application is made of.
        settings: Its settings.
        cloud: Where.
        owner: Whose the resources are.
        folder: The application's private folder; without it a lost key is not noticed.
        yes_data: Whether a database may be deleted, after a last snapshot.

    Raises:
        TypeNotOffered: There is no instance type as the settings name.
        StateError: The prices that were refreshed cannot be read.
        CloudError: AWS could not be asked, or what exists cannot be worked with.
    """
    found = _offered(stack, settings, cloud, owner, folder, yes_data=yes_data)
    return found[0], _costs(*found, settings, cloud, kept(cloud, owner))


def _offered(
    stack: TechStack,
    settings: Settings,
    cloud: Cloud,
    owner: Owner,
    folder: Path | None,
    *,
    yes_data: bool,
) -> tuple[Plan, tuple[Desired, ...], Observed]:
    """What is planned, and of what, of types that there are."""
    keys = Keys(folder) if folder else None
    planned, resources, observed = _planned(stack, settings, cloud, owner, keys, yes_data=yes_data)
    if settings.instance_type:
        new = needs_of(planned, resources).hosts
        ask_wanted(cloud, [*new, *_resized(resources, observed)])
    return planned, resources, observed


def _costs(
    planned: Plan,
    resources: tuple[Desired, ...],
    observed: Observed,
    settings: Settings,
    cloud: Cloud,
    others: tuple[Found, ...],
) -> CostChange:
    prices = price_list(cloud.region)
    change = cost_change(planned, resources, observed, others, settings.usage, prices)
    limit = settings.max_monthly_cost
    return change.model_copy(update={"limit": None if limit is None else Decimal(str(limit))})


def _costs_where_known(
    planned: Plan,
    resources: tuple[Desired, ...],
    observed: Observed,
    settings: Settings,
    cloud: Cloud,
    owner: Owner,
) -> CostChange | None:
    """The same; a limit is one for all that is there, also what former databases have left.

    Without one nobody is asked for that, and a list that cannot be read stops no deployment.
    """
    if settings.max_monthly_cost is not None:
        return _costs(planned, resources, observed, settings, cloud, kept(cloud, owner))
    try:
        return _costs(planned, resources, observed, settings, cloud, ())
    except StateError:
        return None


def drift(
    stack: TechStack,
    settings: Settings,
    cloud: Cloud,
    owner: Owner,
    folder: Path,
    known: ApplicationState,
) -> tuple[Difference, ...]:
    """What `plan` would find to do, also where that is refused, and what the state has otherwise.

    Reads only. Raises as `plan` does, but for what exists being otherwise.
    """
    _, resources, observed = _looked(stack, settings, cloud, owner, Keys(folder))
    return differences(resources, observed, known.resources, known.hosts)


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
        planned, resources, observed = _planned(
            stack, settings, cloud, owner, keys, yes_data=yes_data, replaced=replaced
        )
        if approved is not None:
            refuse_outdated(approved, planned)
        costs = _costs_where_known(planned, resources, observed, settings, cloud, owner)
        if costs:
            refuse_dear(costs)
        on_plan(planned, costs.after if costs else None)
    if settings.target == "aws":
        preflight(cloud, needs_of(planned, resources), log)
    ask_wanted(cloud, _resized(resources, observed))
    patience = Patience(stop, log.info, cloud.pace)
    site = Site(
        *(cloud, owner, keys, patience),
        ids=observed.ids,
        ended=dict(observed.ended),
        addresses=addresses_of(observed.alive.values()),
        foreign=observed.foreign.keys(),
    )
    to_spec = partial(
        spec_of, stack=stack, settings=settings, owner=owner, region=cloud.region, keys=keys
    )
    made = Executor(site, log).apply(planned, resources, observed.alive)
    spec = _gathered(made, resources, to_spec, on_hosts)
    if _ends_a_database(planned):
        tell_snapshots(cloud, owner, log)
    wanted = [one.key for one in resources if one.type == Instance.type]
    keys.keep_host_keys([*wanted, *(one.key for one in observed.leaving)])
    return spec


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


def destroy(
    cloud: Cloud,
    owner: Owner,
    folder: Path,
    log: AgentLog,
    noted: Iterable[str] = (),
) -> tuple[Resource, ...]:
    """Remove everything that bears the owner's tags, then the keys; gives what was removed.

    Of a database a last snapshot is kept, which the log names.

    Args:
        cloud: Where.
        owner: Whose.
        folder: The application's private folder, where its keys are.
        log: Where each call is journalled before and after it is made.
        noted: As in `read_all`.

    Raises:
        CloudError: AWS refused; calling it again goes on.
    """
    keys = Keys(folder)
    alive = in_order_of_deletion(one for one in read_all(cloud, owner, noted) if one.alive)
    with log.step("delete"):
        site = Site(cloud, owner, keys, Patience(stopping.asked, log.info, cloud.pace))
        delete_in_waves(site, log, alive)
        tell_snapshots(cloud, owner, log)
    keys.forget()
    return tuple(one.resource for one in alive)


def refuse_shared(cloud: Cloud, owner: Owner, noted: Iterable[str] = ()) -> None:
    """Refuse to undo the owner's deployment where not all that there is, is its work. Reads only.

    Raises:
        RollbackRefused: Another deployment has made some of it.
        CloudError: AWS could not be asked.
    """
    alive = (one for one in read_all(cloud, owner, noted) if one.alive)
    refuse_others(alive, owner.deployment)


def inventory_of(cloud: Cloud, owner: Owner, noted: Iterable[str] = ()) -> tuple[Resource, ...]:
    """Everything of the owner's that exists now, asked of each service."""
    return tuple(one.resource for one in read_all(cloud, owner, noted) if one.alive)


def _resized(resources: Iterable[Desired], observed: Observed) -> list[Instance]:
    """The hosts that are to be stopped for another type."""
    hosts = [one for one in resources if isinstance(one, Instance) and one.key in observed.alive]
    return [one for one in hosts if one.gets_type(observed.alive[one.key])]


def _ends_a_database(planned: Plan) -> bool:
    ends = {Action.DELETE, Action.REPLACE}
    return any(one.type == Database.type and one.action in ends for one in planned.actions)


def _planned(
    stack: TechStack,
    settings: Settings,
    cloud: Cloud,
    owner: Owner,
    keys: Keys | None,
    *,
    yes_data: bool,
    replaced: frozenset[str] = frozenset(),
) -> tuple[Plan, tuple[Desired, ...], Observed]:
    around, resources, observed = _looked(stack, settings, cloud, owner, keys, replaced)
    planned = decide(resources, observed, yes_data=yes_data)
    planned = planned.model_copy(update={"basis": basis(observed, around)})
    if keys:
        refuse_lost_keys(planned, observed, keys)
    return planned, resources, observed


def _looked(
    stack: TechStack,
    settings: Settings,
    cloud: Cloud,
    owner: Owner,
    keys: Keys | None,
    replaced: frozenset[str] = frozenset(),
) -> tuple[Surroundings, tuple[Desired, ...], Observed]:
    """In which surroundings what should be, and what is."""
    observed = replace(observe(cloud, owner, settings.vpc_id), replaced=replaced)
    refuse_to_move(observed, settings.vpc_id)
    around = surroundings(cloud, stack, settings, observed, keys)
    observed = replace(observed, foreign=around.foreign)
    return around, desired(stack, settings, around), observed
