"""What was measured of an application."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from autodeploy.contracts.base import Contract

Unit = Literal["count", "seconds", "percent", "bytes"]


class Point(Contract):
    """A period's value, and when the period began, UTC."""

    time: datetime
    value: float


class Series(Contract):
    """One thing that is measured, over time.

    Attributes:
        of: What it is measured of: a resource's logical name, such as `host-1`.
        metric: What it is, for people.
        unit: Of its values.
        sums: Whether a period's value is a sum over it, rather than how it was in it.
        points: The oldest first; none for periods in which nothing was measured.
    """

    of: str
    metric: str
    unit: Unit
    sums: bool = False
    points: tuple[Point, ...] = ()


class Metrics(Contract):
    """All that was measured.

    Attributes:
        since: The beginning, UTC.
        until: The end, UTC.
        period: How long a period is, in seconds; 0 for a single look.
        series: Balancer first, then hosts, then the database.
    """

    since: datetime
    until: datetime
    period: int
    series: tuple[Series, ...]
