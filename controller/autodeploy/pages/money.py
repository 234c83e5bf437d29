"""What was foreseen to be paid, as lines of a bill. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from autodeploy.contracts import Cost, DeploymentState, ResourceCost
from autodeploy.contracts.costwords import UNKNOWN, amount, notes, total
from autodeploy.pages.model import Bill, CostRow

MOST = 200
SIGN = "$"


def bill(state: DeploymentState) -> Bill | None:
    """The bill of a month; None where nothing was foreseen of it."""
    cost = state.foreseen.cost if state.foreseen else None
    if cost is None:
        return None
    rows = [row for one in cost.resources for row in _rows(one)]
    return Bill(total([cost], SIGN), tuple(rows[:MOST]), tuple(_notes(cost, state)))


def _rows(one: ResourceCost) -> Iterator[CostRow]:
    if one.monthly is None and not one.items:
        yield CostRow(one.key, one.type, "", UNKNOWN, is_assumed=False)
    for item in one.items:
        quantity = f"{item.quantity.normalize():f} {item.unit}"
        yield CostRow(one.key, item.what, quantity, amount(item.monthly, SIGN), item.assumed)


def _notes(cost: Cost, state: DeploymentState) -> Iterator[str]:
    if state.target == "lab":
        yield "This is what it would cost on AWS; the lab itself costs nothing."
    free = sum(one.monthly == 0 and not one.items for one in cost.resources)
    if free:
        yield f"{free} more resources cost nothing."
    yield from map(_sentence, notes(cost))


def _sentence(note: str) -> str:
    """A note of the terminal's, where nothing is set off as code."""
    return f"{note[:1].upper()}{note[1:]}.".replace("`", "")
