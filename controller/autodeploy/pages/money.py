"""What was foreseen to be paid, as lines of a bill. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from autodeploy.contracts import Cost, DeploymentState, ResourceCost, cents
from autodeploy.pages.model import Bill, CostRow

UNKNOWN = "not known"
MOST = 200


def bill(state: DeploymentState) -> Bill | None:
    """The bill of a month; None where nothing was foreseen of it."""
    cost = state.foreseen.cost if state.foreseen else None
    if cost is None:
        return None
    rows = [row for one in cost.resources for row in _rows(one)]
    return Bill(total(cost), tuple(rows[:MOST]), tuple(_notes(cost, state)))


def total(cost: Cost) -> str:
    """The sum, as far as it is known."""
    least = "at least " if cost.unknown and cost.monthly is not None else ""
    return f"{least}{usd(cost.monthly)}"


def usd(money: Decimal | None) -> str:
    """`$20.53`."""
    return UNKNOWN if money is None else f"${cents(money):f}"


def _rows(one: ResourceCost) -> Iterator[CostRow]:
    if one.monthly is None and not one.items:
        yield CostRow(one.key, one.type, "", UNKNOWN, is_assumed=False)
    for item in one.items:
        quantity = f"{item.quantity.normalize():f} {item.unit}"
        yield CostRow(one.key, item.what, quantity, usd(item.monthly), item.assumed)


def _notes(cost: Cost, state: DeploymentState) -> Iterator[str]:
    if state.target == "lab":
        yield "This is what it would cost on AWS; the lab itself costs nothing."
    free = sum(one.monthly == 0 and not one.items for one in cost.resources)
    if free:
        yield f"{free} more resources cost nothing."
    if any(item.assumed for one in cost.resources for item in one.items):
        yield "Assumed quantities are those of the setting usage."
    if cost.unknown:
        yield f"Not, or not wholly, in the sum (no price known): {', '.join(cost.unknown[:MOST])}."
    if cost.date:
        yield f"List prices of {cost.region} of {cost.date} or newer, without taxes and discounts."
