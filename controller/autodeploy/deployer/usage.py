"""How much of a host is used at this moment, as its kernel says: for hosts nobody else measures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from autodeploy.contracts import Point, Series
from autodeploy.contracts.metrics import Unit
from autodeploy.errors import HostError

USAGE = (
    "head -n1 /proc/stat && sleep 1 && head -n1 /proc/stat && cat /proc/loadavg && "
    "grep -E '^(MemTotal|MemAvailable):' /proc/meminfo && df -kP / | tail -n1"
)
"""The processor is looked at twice: what is told is counted since the host was started."""
IDLE = slice(3, 5)
"""Idle, and waiting for a disk."""


def usage(host: str, lines: Iterable[str], now: datetime) -> tuple[Series, ...]:
    """What USAGE has printed, as shares of the whole. Pure.

    Args:
        host: The host's name.
        lines: What came.
        now: When it came, UTC.

    Raises:
        HostError: It is not that, or the host could not be read.
    """
    printed = list(lines)
    try:
        values = _values([line.split() for line in printed])
    except (ValueError, IndexError, ZeroDivisionError) as error:
        raise HostError(
            f"what {host} says of its use is not understood",
            cause="\n".join(printed) or "it said nothing",
            host=host,
        ) from error
    return tuple(
        Series(of=host, metric=metric, unit=unit, points=(Point(time=now, value=value),))
        for metric, unit, value in values
    )


def _values(printed: list[list[str]]) -> tuple[tuple[str, Unit, float], ...]:
    before, after, load, total, available, disk = printed
    return (
        ("cpu", "percent", _busy(before, after)),
        ("load", "count", float(load[0])),
        ("memory used", "percent", 100 * (1 - int(available[1]) / int(total[1]))),
        ("disk used", "percent", float(disk[4].rstrip("%"))),
    )


def _busy(before: list[str], after: list[str]) -> float:
    """Per cent of the time between two looks in which the processor had something to do."""
    spent = [int(late) - int(early) for early, late in zip(before[1:9], after[1:9], strict=True)]
    return 100 * (1 - sum(spent[IDLE]) / (sum(spent) or 1))
