"""What a deployment would take, and what came of what was foreseen, for people and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from autodeploy.contracts import (
    DeploymentState,
    Forecast,
    Outage,
    Permissions,
    comparison,
    counted,
    expected,
)

WIDTH = 100


def data(forecast: Forecast) -> dict[str, Any]:
    """A forecast as `plan --json` shows it."""
    line = forecast.timeline
    return {
        "work": forecast.work,
        "seconds": {"p50": line.p50, "p95": line.p95, "basis": line.basis},
        "timeline": [one.model_dump() for one in line.stages],
        "downtime": forecast.downtime.model_dump(),
        "permissions": forecast.permissions.model_dump(mode="json"),
        "rollback": list(forecast.undo),
    }


def lines(forecast: Forecast) -> Iterator[str]:
    """A forecast for people."""
    line = forecast.timeline
    yield f"\nwork: {forecast.work}"
    took = expected(line.p50, line.p95, "{:.0f} s".format)
    yield f"time: {took}; by {line.basis}"
    for one in line.stages:
        begins = f"from {one.starts_after:.0f} s on"
        half, most = f"{one.p50:6.1f} s", f"{one.p95:.1f} s"
        below = "" if half.strip() == most else f", below {most}"
        yield f"  {one.agent:<12} {begins:<14} {half}{below}"
    yield f"downtime: {downtime(forecast.downtime)}"
    yield from _permissions(forecast.permissions)
    yield f"rollback: {'; '.join(forecast.undo)}"


def _permissions(called: Permissions) -> Iterator[str]:
    """All that changes something, by service; what reads is only counted."""
    said = [f"{len(called.writes)} that change something"] if called.writes else []
    said += [f"{len(called.reads)} that read: --json lists them"] if called.reads else []
    if said:
        yield f"IAM: {', and '.join(said)}"
    by_service = {
        service: ", ".join(one.partition(":")[2] for one in some)
        for service, some in groupby(called.writes, lambda one: one.partition(":")[0])
    }
    column = max(map(len, by_service), default=0)
    for service, names in by_service.items():
        wrapped = textwrap.wrap(names, WIDTH - column - 4, break_long_words=False)
        for place, line in enumerate(wrapped):
            yield f"  {service if place == 0 else '':<{column}}  {line}"


def downtime(outage: Outage) -> str:
    """`none: why`, `120 s: why`, or for how long nobody can tell."""
    if outage.seconds is None:
        return f"some: {outage.reason}"
    return f"{f'{outage.seconds} s' if outage.seconds else 'none'}: {outage.reason}"


def compared(state: DeploymentState) -> Iterator[str]:
    """What was foreseen of a deployment and what came of it, side by side."""
    found = comparison(state)
    if found is None:
        return
    took = found.took("{:.1f} s".format)
    half, most = f"{found.p50:.1f} s", f"{found.p95:.1f} s"
    foreseen = half if half == most else f"{half} (below {most})"
    yield f"{'':<10} {'foreseen':<28} done"
    yield f"{'time':<10} {foreseen:<28} {took}"
    yield f"{'resources':<10} {counted(found.foreseen):<28} {counted(found.done)}"
    if found.otherwise:
        yield f"otherwise than foreseen: {', '.join(found.otherwise)}"
