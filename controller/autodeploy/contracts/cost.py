"""What an application costs by a list of prices. Money is exact, and rounded where it is shown."""

from __future__ import annotations

import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import PlainSerializer

from autodeploy.contracts.base import Contract

Number = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
"""Exact here, and a number in JSON."""
HOURS = 730
"""Of a month, as AWS counts them in its own estimates."""
CENT = Decimal("0.01")


def cents(money: Decimal) -> Decimal:
    """USD in whole cents, as all that is shown of money."""
    return money.quantize(CENT, ROUND_HALF_UP)


class CostItem(Contract):
    """One line of a bill.

    Attributes:
        what: What is paid for.
        quantity: How much of it in a month.
        unit: `hour`, `GB`, ...
        price: USD a unit; None where the list does not have it.
        monthly: USD a month; None likewise.
        assumed: Whether the quantity is an assumption of the settings' `usage`.
    """

    what: str
    quantity: Number
    unit: str
    price: Number | None
    monthly: Number | None
    assumed: bool = False


class ResourceCost(Contract):
    """What one resource costs.

    Attributes:
        key: Its logical name in its application.
        type: CloudFormation's name of the kind; `usage` for what is paid by use alone.
        items: All that is paid for; nothing where AWS asks nothing.
        monthly: USD a month; None where not all of it is known.
    """

    key: str
    type: str
    items: tuple[CostItem, ...] = ()
    monthly: Number | None


class Suggestion(Contract):
    """A way to pay less.

    Attributes:
        what: What would be otherwise.
        saving: USD a month.
        how: The options, or else what to do.
    """

    what: str
    saving: Number
    how: str


class Cost(Contract):
    """What all of it costs in a month of 730 hours, without taxes, discounts and free tiers.

    Attributes:
        region: Where.
        date: Of when the oldest of the prices is that were used; None where none was.
        sources: Where those are from.
        usage: What is assumed of its use, by name of the setting.
        resources: Each resource's.
        monthly: USD a month of all that is known; None where something costs and nothing is known.
        hourly: The same for an hour, in millionths.
        unknown: Logical names of what is not, or not wholly, in the sums.
    """

    region: str
    date: datetime.date | None
    sources: tuple[str, ...]
    usage: dict[str, float]
    resources: tuple[ResourceCost, ...]
    monthly: Number | None
    hourly: Number | None
    unknown: tuple[str, ...] = ()


class CostChange(Contract):
    """What a plan makes of the cost.

    Attributes:
        before: What exists.
        after: What would exist.
        limit: USD a month that it may cost; None for no limit.
        suggestions: How it would be less.
    """

    before: Cost
    after: Cost
    limit: Number | None = None
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def difference(self) -> Decimal:
        """USD a month more, as far as it is known."""
        return (self.after.monthly or Decimal()) - (self.before.monthly or Decimal())

    @property
    def is_refused(self) -> bool:
        """Whether it is beyond the limit: what makes it no dearer never is."""
        known = self.after.monthly or Decimal()
        return self.limit is not None and known > self.limit and self.difference > 0


class ApplicationCost(Contract):
    """What an application costs that is there.

    Attributes:
        application: Its name.
        environment: Its environment.
        target: Where it lives.
        cost: What it costs; None on hosts that exist, which AWS has no part in.
        suggestions: How it would be less.
    """

    application: str
    environment: str
    target: str
    cost: Cost | None
    suggestions: tuple[Suggestion, ...] = ()
