"""What things cost, as a page for people and as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from autodeploy.cli.stackpage import plain, table
from autodeploy.contracts import (
    HOURS,
    Cost,
    CostChange,
    CostItem,
    DeploymentState,
    ResourceCost,
    Suggestion,
    cents,
)
from autodeploy.contracts.costwords import UNKNOWN, amount, notes, total

if TYPE_CHECKING:
    from rich.console import Console


def rounded(money: Decimal | None) -> float | None:
    """In whole cents; None where it is not known."""
    return None if money is None else float(cents(money))


def change_data(change: CostChange) -> dict[str, Any]:
    """What a plan makes of the cost, with what follows from it."""
    return {
        **change.model_dump(mode="json"),
        "difference": rounded(change.difference),
        "difference_is": bound(change),
        "refused": change.is_refused,
    }


def bound(change: CostChange) -> str:
    """How the known difference stands to the true one: what is new and not known costs more."""
    if change.before.unknown:
        return "of what is known"
    return "at least" if change.after.unknown else "exact"


def show_change(change: CostChange, console: Console, *, is_lab: bool) -> None:
    """Print what a plan makes of the cost."""
    where = " on AWS; the lab itself costs nothing" if is_lab else ""
    console.print(plain(f"\ncost in a month{where}", style="bold"), soft_wrap=True)
    console.print(bill(change.after))
    before, after = total([change.before]), total([change.after])
    more = "" if UNKNOWN in {before, after} else f": {_difference(change)}"
    _lines(console, [f"now {before}, then {after}{more}", *notes(change.after)])
    if change.is_refused:
        said = f"a deployment would be refused: the limit is {amount(change.limit)} USD a month"
        console.print(plain(f"  {said}", style="bold red"), soft_wrap=True)
    show_suggestions(change.suggestions, console)


def _difference(change: CostChange) -> str:
    sign = "+" if change.difference >= 0 else "-"
    said = f"{sign}{amount(abs(change.difference))} USD a month"
    how = bound(change)
    if how == "at least":
        return f"at least {said}" if change.difference >= 0 else f"{said} at the most"
    return said if how == "exact" else f"{said} of what is known"


def bill(cost: Cost) -> Any:
    """A line for each thing that is paid for, and one for all that costs nothing."""
    made = table("resource", "what", "quantity", "price", "a month", "an hour")
    for column in made.columns[2:]:
        column.justify = "right"
    for cells in _rows(cost.resources):
        made.add_row(*(plain(cell) for cell in cells))
    return made


def _rows(resources: Iterable[ResourceCost]) -> Iterator[tuple[str, ...]]:
    free = 0
    for one in resources:
        free += one.monthly == 0 and not one.items
        if one.monthly is None and not one.items:
            yield f"  {one.key}", one.type, "", "", UNKNOWN, UNKNOWN
        for place, item in enumerate(one.items):
            yield _row(f"  {one.key}" if place == 0 else "", item)
    if free:
        yield "  all else", f"{free} resources of no charge", "", "", "free", ""


def _row(key: str, item: CostItem) -> tuple[str, ...]:
    assumed = " (assumed)" if item.assumed else ""
    price = UNKNOWN if item.price is None else f"{item.price.normalize():f}"
    hour = UNKNOWN if item.monthly is None else f"{item.monthly / HOURS:.4f}"
    quantity = f"{item.quantity.normalize():f} {item.unit}"
    return key, f"{item.what}{assumed}", quantity, price, amount(item.monthly), hour


def show(cost: Cost, console: Console) -> None:
    """Print what exists, with its sum."""
    if cost.resources:
        console.print(bill(cost))
    known = total([cost])
    _lines(console, [known if known == UNKNOWN else f"{known} USD a month", *notes(cost)])


def show_suggestions(some: Iterable[Suggestion], console: Console) -> None:
    """Print how it would be less."""
    for one in some:
        saved = f"{amount(one.saving)} USD a month less: {one.what}: {one.how}"
        console.print(plain(f"  {saved}", style="green"), soft_wrap=True)


def foreseen(state: DeploymentState) -> Iterator[str]:
    """What a deployment was to make the application cost, where it has looked at that."""
    cost = state.foreseen.cost if state.foreseen else None
    if cost:
        where = "on AWS; here nothing" if state.target == "lab" else "by AWS's list"
        named = f"{state.application} -e {state.environment}"
        yield f"costs {total([cost])} USD a month {where}: autodeploy cost {named}"


def _lines(console: Console, lines: Iterable[str]) -> None:
    for line in lines:
        console.print(plain(f"  {line}"), soft_wrap=True)
