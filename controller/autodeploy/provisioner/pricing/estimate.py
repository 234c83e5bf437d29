"""Bills of what exists and of what a plan makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from autodeploy.aws import Cloud
from autodeploy.contracts import Action, Cost, CostChange, Plan
from autodeploy.errors import CostRefused
from autodeploy.provisioner.kinds import Database, Desired, Found
from autodeploy.provisioner.observed import Observed, read_all
from autodeploy.provisioner.owner import Owner
from autodeploy.provisioner.pricing.bill import Entry, bill
from autodeploy.provisioner.pricing.items import (
    SNAPSHOT,
    Uses,
    uses_after,
    uses_in,
    uses_of,
)
from autodeploy.provisioner.pricing.pricelist import PriceList
from autodeploy.provisioner.tagged import left_behind
from autodeploy.settings import Usage


def kept(cloud: Cloud, owner: Owner) -> tuple[Found, ...]:
    """What costs and is no part of the application any more: last snapshots of its databases."""
    return tuple(
        Found(one.resource.id, one.resource.type, one.resource.id, one.record)
        for one in left_behind(cloud, owner)
    )


def cost_of(
    cloud: Cloud,
    owner: Owner,
    noted: Iterable[str],
    beside: Iterable[Found],
    usage: Usage,
    prices: PriceList,
) -> Cost:
    """What an application costs that is there. Reads only.

    Args:
        cloud: Where.
        owner: Whose.
        noted: As in `read_all`.
        beside: What it has besides, made by others.
        usage: What is assumed of its use.
        prices: The region's.

    Raises:
        CloudError: AWS could not be asked.
    """
    alive = [one for one in read_all(cloud, owner, noted) if one.alive]
    return bill(_present([*alive, *beside, *kept(cloud, owner)], usage), usage, prices)


def cost_change(
    planned: Plan,
    resources: Sequence[Desired],
    observed: Observed,
    beside: Sequence[Found],
    beside_after: Sequence[Found],
    usage: Usage,
    prices: PriceList,
) -> CostChange:
    """What a plan makes of the cost. Pure.

    Args:
        planned: The plan.
        resources: What should be.
        observed: What is.
        beside: What else costs, whatever is planned: see `kept`.
        beside_after: The same, once it is carried out.
        usage: What is assumed of its use.
        prices: The region's.
    """
    there = list(observed.alive.values())
    after = [*_planned(planned, resources, observed, usage), *_present(beside_after, usage)]
    return CostChange(
        before=bill(_present([*there, *beside], usage), usage, prices),
        after=bill(after, usage, prices),
    )


def refuse_dear(change: CostChange) -> None:
    """Refuse what is beyond the limit.

    Raises:
        CostRefused: It is.
    """
    if not change.is_refused:
        return
    said, now = change.after.monthly or Decimal(), change.before.monthly or Decimal()
    unknown = ", ".join(change.after.unknown)
    raise CostRefused(
        f"it would cost {said:.2f} USD a month, and the limit is {change.limit:.2f}; nothing was "
        "made",
        cause=f"what is there now costs {now:.2f}"
        + (
            f"\nnot, or not wholly, in either sum, for no price is known: {unknown}" * bool(unknown)
        ),
    )


def _present(found: Iterable[Found], usage: Usage) -> list[Entry]:
    return [Entry(one.key, one.type, uses_in(one.type, one.record, usage)) for one in found]


def _planned(
    planned: Plan, resources: Sequence[Desired], observed: Observed, usage: Usage
) -> Iterator[Entry]:
    wanted = {one.key: one for one in resources}
    leaving = {one.key for one in observed.leaving}
    for action in planned.actions:
        one, found = wanted.get(action.key), observed.alive.get(action.key)
        ends = action.action in {Action.DELETE, Action.REPLACE}
        if found and ends and found.type == Database.type:
            yield Entry(f"last snapshot of {found.id}", SNAPSHOT, _last_snapshot(found, usage))
        if action.action is Action.DELETE or action.key in leaving:
            continue
        yield Entry(action.key, action.type, _uses(one, None if ends else found, usage))


def _uses(wanted: Desired | None, found: Found | None, usage: Usage) -> Uses | None:
    if wanted and found:
        return uses_after(wanted, found, usage)
    if found:
        return uses_in(found.type, found.record, usage)
    return uses_of(wanted, usage) if wanted else None


def _last_snapshot(found: Found, usage: Usage) -> Uses | None:
    return uses_in(SNAPSHOT, found.record, usage)
