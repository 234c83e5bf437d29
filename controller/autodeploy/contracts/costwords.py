"""What is said of what things cost, on a terminal and on pages alike. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from autodeploy.contracts.cost import Cost, cents

UNKNOWN = "not known"
ASSUMED = {
    "data_transfer_gb": "{:g} GB are sent to users in a month",
    "lcu": "a load balancer is as busy as {:g} of its capacity units (LCU)",
    "backup_gb": "{:g} GB of database backups are kept beyond the free ones",
}
"""What each assumption says."""


def amount(money: Decimal | None, sign: str = "") -> str:
    """`20.53` after the sign of its currency; `not known` where it is not."""
    return UNKNOWN if money is None else f"{sign}{cents(money):f}"


def total(costs: Iterable[Cost], sign: str = "") -> str:
    """The sum of several, as far as it is known; `sign` as in `amount`."""
    some = list(costs)
    known = [one.monthly for one in some if one.monthly is not None]
    if not known:
        return UNKNOWN
    least = "at least " if any(one.unknown for one in some) else ""
    return f"{least}{amount(sum(known, Decimal()), sign)}"


def notes(cost: Cost) -> list[str]:
    """What the sum leaves out, what it assumes, and whose prices it is made of."""
    if not (cost.date or cost.unknown):
        return ["nothing is there that costs"]
    said = [ASSUMED[name].format(value) for name, value in cost.usage.items()]
    lines = [f"assumed: {'; '.join(said)} (setting `usage`)"]
    if cost.unknown:
        lines.append(f"not, or not wholly, in the sum (no price known): {', '.join(cost.unknown)}")
    if cost.date:
        lines.append(f"prices: {cost.region}, without taxes; AWS's lists of {_dates(cost)}")
    else:
        lines.append(f"no prices are known in {cost.region}: `autodeploy prices refresh`")
    return lines


def _dates(cost: Cost) -> str:
    """The newest first, and what the others are of: the oldest alone would stand for all."""
    newest, *older = sorted({one.rpartition(", ")[2] for one in cost.sources}, reverse=True)
    said = [f"{day} ({'; '.join(_origins(cost, day))})" for day in older]
    return ", ".join([newest, *said])


def _origins(cost: Cost, day: str) -> Iterator[str]:
    """What the sources of a day are called, without what all are called."""
    for one in cost.sources:
        name, _, of = one.rpartition(", ")
        if of == day:
            yield name.removeprefix("AWS's public price ").partition(" of ")[2] or name
