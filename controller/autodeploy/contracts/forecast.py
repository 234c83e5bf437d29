"""What a deployment would take, and what users would notice, before anything is done."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import Field

from autodeploy.contracts.base import Contract


class Outage(Contract):
    """Something that users miss for a while.

    Attributes:
        seconds: For how long; None where nobody can tell, 0 for not at all.
        reason: What, and why, for people.
    """

    seconds: int | None = Field(ge=0)
    reason: str


class StageForecast(Contract):
    """One agent's part of a timeline. All in seconds; stages overlap.

    Attributes:
        agent: Whose.
        starts_after: After the deployment has begun; half of the runs began it earlier.
        p50: How long it takes: half of the runs took less.
        p95: Nineteen of twenty took less.
    """

    agent: str
    starts_after: float
    p50: float
    p95: float


class Timeline(Contract):
    """How long it takes, in seconds.

    Attributes:
        p50: From its first line in the journal to its last; half of the runs took less.
        p95: Nineteen of twenty took less.
        stages: Its parts, in the order in which they begin.
        basis: Which runs tell so, for people.
    """

    p50: float
    p95: float
    stages: tuple[StageForecast, ...]
    basis: str


class Permissions(Contract):
    """IAM's names of the actions that it calls.

    Attributes:
        reads: Those that look.
        writes: Those that make, change or remove.
    """

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


class Forecast(Contract):
    """What it takes, and what users notice.

    Attributes:
        work: What kind of work it is: runs of the same work take about as long.
        timeline: How long.
        downtime: What users miss.
        permissions: What IAM must allow.
        undo: What a rollback of it would do, for people.
    """

    work: str
    timeline: Timeline
    downtime: Outage
    permissions: Permissions
    undo: tuple[str, ...]


def expected(p50: float, p95: float, said: Callable[[float], str]) -> str:
    """`30 s, in 19 of 20 runs below 40 s`, for people.

    A single run has no spread, and what is said alike is none: nothing is said of nineteen then.

    Args:
        p50: Seconds that half of the runs take at most.
        p95: Seconds that nineteen of twenty take at most.
        said: How seconds are written.
    """
    half, most = said(p50), said(p95)
    return f"about {half}" if half == most else f"{half}, in 19 of 20 runs below {most}"
