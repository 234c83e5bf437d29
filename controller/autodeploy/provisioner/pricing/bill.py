"""What is paid for, and a list of prices → a bill. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from autodeploy.contracts import HOURS, Cost, CostItem, ResourceCost
from autodeploy.provisioner.kinds import KINDS, Instance
from autodeploy.provisioner.pricing.items import Use, Uses, traffic, uses_in
from autodeploy.provisioner.pricing.pricelist import PriceList
from autodeploy.settings.usage import Usage

MILLIONTH = Decimal("0.000001")
TRAFFIC, USAGE = "data transfer", "usage"


class Entry(NamedTuple):
    """A resource and what of it is paid for; `uses` is None where nobody knows."""

    key: str
    type: str
    uses: Uses | None


def bill(entries: Iterable[Entry], usage: Usage, prices: PriceList) -> Cost:
    """What all of these cost.

    Args:
        entries: The resources.
        usage: What is assumed of their use.
        prices: The region's.
    """
    all_of = _with_traffic(entries, usage)
    resources = tuple(_cost(one, prices) for one in all_of)
    monthly = total(resources)
    names = [use.price for one in all_of for use in one.uses or ()]
    sources = prices.of(names)
    return Cost(
        region=prices.region,
        date=min((one.date for one in sources), default=None),
        sources=tuple(f"{one.source}, {one.date}" for one in sources),
        usage=usage.model_dump(),
        resources=resources,
        monthly=monthly,
        hourly=None if monthly is None else (monthly / HOURS).quantize(MILLIONTH),
        unknown=tuple(one.key for one in resources if one.monthly is None),
    )


def total(resources: Iterable[ResourceCost]) -> Decimal | None:
    """USD a month of all that is known; None where something costs and nothing is known."""
    some = list(resources)
    known = [item.monthly for one in some for item in one.items if item.monthly is not None]
    return None if not known and any(one.monthly is None for one in some) else sum(known, Decimal())


def monthly(kind: str, record: Mapping[str, Any], prices: PriceList) -> Decimal | None:
    """USD a month of one resource as it is; None where not all of it is known.

    Args:
        kind: CloudFormation's name of its kind.
        record: AWS's description of it.
        prices: The region's.
    """
    return _cost(Entry("", kind, uses_in(kind, record, Usage())), prices).monthly


def _with_traffic(entries: Iterable[Entry], usage: Usage) -> list[Entry]:
    """What is sent costs where a host runs that sends it."""
    some = sorted(entries, key=_place)
    hosts = [one for one in some if one.type == Instance.type]
    runs = any(use.price.startswith("instance/") for one in hosts for use in one.uses or ())
    sent = traffic(usage) if runs else ()
    return [*some, *([Entry(TRAFFIC, USAGE, sent)] if sent else [])]


def _place(one: Entry) -> tuple[int, int, str]:
    """Kind by kind as plans have them, host-10 after host-9: the same whoever asks."""
    kinds = [kind.type for kind in KINDS]
    return kinds.index(one.type) if one.type in kinds else len(kinds), len(one.key), one.key


def _cost(one: Entry, prices: PriceList) -> ResourceCost:
    items = tuple(_items(one.uses or (), prices))
    known = [item.monthly for item in items if item.monthly is not None]
    is_whole = one.uses is not None and len(known) == len(items)
    return ResourceCost(
        key=one.key,
        type=one.type,
        items=items,
        monthly=sum(known, Decimal()) if is_whole else None,
    )


def _items(uses: Iterable[Use], prices: PriceList) -> Iterator[CostItem]:
    for one in uses:
        price = prices.price(one.price)
        yield CostItem(
            what=one.what,
            quantity=one.quantity,
            unit=one.unit,
            price=price,
            monthly=None if price is None else one.quantity * price,
            assumed=one.assumed,
        )
