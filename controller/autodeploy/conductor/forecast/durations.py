"""How long a deployment takes, told by runs of the same work. Pure."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from autodeploy.contracts import DeploymentState, StageForecast, Timeline
from autodeploy.words import number_of

NEWEST = 20
WHOLE = "conductor"
"""Whose stage is the whole run."""
TABLE = Path(__file__).with_name("durations.json")


@dataclass(frozen=True)
class History:
    """Runs of the same work, oldest first.

    Attributes:
        application: The application's own.
        machine: Other applications', where it has none.
    """

    application: Sequence[DeploymentState] = ()
    machine: Sequence[DeploymentState] = ()


def timeline(kind: str, target: str, history: History, outage: int = 0) -> Timeline:
    """What the application's own runs tell, else this machine's, else a shipped table.

    Args:
        kind: The work.
        target: aws, lab or ssh.
        history: Runs of the same work.
        outage: Seconds for which users miss something on AWS: the table has no such waits.
    """
    if own := history.application[-NEWEST:]:
        return told(own, f"{number_of(len(own), 'run')} of this application")
    if others := history.machine[-NEWEST:]:
        return told(others, f"{number_of(len(others), 'run')} on this machine")
    return _shipped(kind, target, outage)


def told(runs: Sequence[DeploymentState], basis: str) -> Timeline:
    """The quantiles of some runs, at least one."""
    p50, p95 = quantiles(one.seconds or 0 for one in runs)
    agents = dict.fromkeys(stage.agent for run in runs for stage in run.stages)
    agents.pop(WHOLE, None)
    stages = (stage for agent in agents if (stage := _stage(agent, runs)))
    ordered = tuple(sorted(stages, key=lambda one: one.starts_after))
    return Timeline(p50=p50, p95=p95, stages=ordered, basis=basis)


def quantiles(seconds: Iterable[float]) -> tuple[float, float]:
    """What half of them are below, and nineteen of twenty; never outside of them."""
    values = sorted(seconds)
    return statistics.median(values), _below(values, 0.95)


def _below(values: Sequence[float], part: float) -> float:
    """The quantile of sorted values, between its two neighbours in proportion."""
    place = part * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    step = values[high] - values[low]
    return min(values[low] + step * (place - low), values[high])


def _stage(agent: str, runs: Sequence[DeploymentState]) -> StageForecast | None:
    found = [
        ((stage.started_at - run.created_at).total_seconds(), stage.started_at, stage.completed_at)
        for run in runs
        for stage in run.stages
        if stage.agent == agent
    ]
    lasted = [(end - start).total_seconds() for _, start, end in found if end]
    if not lasted:
        return None
    p50, p95 = quantiles(lasted)
    starts = statistics.median(after for after, _, _ in found)
    return StageForecast(agent=agent, starts_after=starts, p50=p50, p95=p95)


def _shipped(kind: str, target: str, outage: int) -> Timeline:
    """The table's work that has most of what this one has, and nothing else."""
    table = _table()
    asked = set(kind.split(", "))
    fitting = [one for one in table["works"] if set(one["work"].split(", ")) <= asked]
    nearest = max(fitting, key=lambda one: len(one["work"].split(", ")))
    basis = f"a table, of {table['of']}, {table['measured']}: {nearest['work']}"
    waits = 0
    if target == "aws":
        waits, basis = outage, f"{basis}; not measured on AWS"
    stages = tuple(_shipped_stages(nearest["stages"]))
    p50, p95 = nearest["total"]
    return Timeline(p50=p50 + waits, p95=p95 + waits, stages=stages, basis=basis)


def _shipped_stages(stages: dict[str, list[float]]) -> Iterator[StageForecast]:
    for agent, (starts, p50, p95) in stages.items():
        yield StageForecast(agent=agent, starts_after=starts, p50=p50, p95=p95)


@cache
def _table() -> Any:
    return json.loads(TABLE.read_text(encoding="utf-8"))
