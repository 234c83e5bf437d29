"""A deployment that runs, as far as it is and as it goes on. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from autodeploy.contracts import DeploymentState, Stage
from autodeploy.journal.events import AnyEvent, StatusChanged
from autodeploy.pages.duration import duration
from autodeploy.pages.log import rows
from autodeploy.pages.model import LogRow
from autodeploy.pages.timeline import BEGINS

WHOLE = "conductor"
"""Its stage is the whole deployment."""


@dataclass(frozen=True)
class StageRow:
    """An agent's part: `running`, `completed` or `failed`, and for how long, for people."""

    name: str
    status: str
    took: str


@dataclass(frozen=True)
class Live:
    """What is new of a deployment.

    Attributes:
        seq: The number of the newest event; what is asked for next comes after it.
        says: Who works.
        elapsed: How long it runs, and how long it was to take, for people.
        stages: All of them, by when they began.
        log: The lines that are new.
    """

    seq: int
    says: str
    elapsed: str
    stages: tuple[StageRow, ...]
    log: tuple[LogRow, ...]


def live(state: DeploymentState, events: Sequence[AnyEvent], after: int, now: datetime) -> Live:
    """What has come of it since.

    Args:
        state: The deployment's.
        events: Its log's, whose fold that is.
        after: The number of the last event that is known.
        now: UTC.
    """
    began = _began(state, events)
    stages = [one for one in state.stages if one.agent != WHOLE and one.started_at >= began]
    running = [one.agent for one in stages if one.status == "running"]
    log, _ = rows(state, [one for one in events if one.seq > after])
    return Live(
        seq=events[-1].seq,
        says=f"{', '.join(running)} at work" if running else state.status.replace("_", " "),
        elapsed=_elapsed(state, ((state.completed_at or now) - began).total_seconds()),
        stages=tuple(_stage(one, now) for one in sorted(stages, key=lambda one: one.started_at)),
        log=log,
    )


def _began(state: DeploymentState, events: Sequence[AnyEvent]) -> datetime:
    """When its newest attempt has begun."""
    for one in reversed(events):
        if isinstance(one, StatusChanged) and one.status in BEGINS and one.time:
            return one.time
    return state.created_at


def _stage(one: Stage, now: datetime) -> StageRow:
    seconds = ((one.completed_at or now) - one.started_at).total_seconds()
    return StageRow(one.agent, one.status, duration(max(0.0, seconds)))


def _elapsed(state: DeploymentState, seconds: float) -> str:
    so_far = duration(max(0.0, seconds))
    if state.foreseen is None or state.resumed or state.rollback:
        return so_far
    return f"{so_far} of about {duration(state.foreseen.forecast.timeline.p50)}"
