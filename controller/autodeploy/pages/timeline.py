"""Events → attempts, each a chart of agents and steps over time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from math import ceil

from autodeploy.contracts import DeploymentState, DeploymentStatus
from autodeploy.journal.events import AnyEvent, StageEnded, StageStarted, StatusChanged, StepEnded
from autodeploy.journal.fold import ENDED
from autodeploy.pages.model import Attempt, Bar, Lane

BEGINS = frozenset({DeploymentStatus.RUNNING, DeploymentStatus.ROLLING_BACK})
BAD = frozenset({"failed", "unreachable"})
STEPS = (0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 86400)
TICKS = 5
MOST_STEPS = 40
MOST_ATTEMPTS = 20
TOO_SHORT = 1 / 200
"""Of an attempt: a step that took less is no more than a line."""


def attempts(
    state: DeploymentState, events: Sequence[AnyEvent], *, interrupted: bool
) -> tuple[Attempt, ...]:
    """Every attempt that the events tell of, the first first; the newest where there are many.

    What has not ended runs yet, or was `interrupted`: its process is gone.
    """
    parts = _parts(events)
    going = "interrupted" if interrupted else "running"
    made = [_attempt(state, number, part, going) for number, part in enumerate(parts)]
    return tuple(made[-MOST_ATTEMPTS:])


def _parts(events: Iterable[AnyEvent]) -> list[list[AnyEvent]]:
    parts: list[list[AnyEvent]] = []
    for event in events:
        if isinstance(event, StatusChanged) and event.status in BEGINS:
            parts.append([])
        if parts and event.time:
            parts[-1].append(event)
    return parts


def _attempt(state: DeploymentState, number: int, part: list[AnyEvent], going: str) -> Attempt:
    began = _time(part[0])
    ended = next((one for one in part if isinstance(one, StatusChanged) and _ends(one)), None)
    seconds = max(0.0, (_time(ended or part[-1]) - began).total_seconds())
    foreseen = _foreseen(state) if number == 0 else {}
    outcome = ended.status.value if ended else going
    ticks = axis(max([seconds, *(start + long for start, long in foreseen.values())]))
    return Attempt(
        title=_title(state, number, part[0]),
        began=began,
        seconds=seconds,
        outcome=outcome,
        ticks=ticks,
        lanes=_lanes(state, part, seconds, foreseen, outcome=outcome),
    )


def _ends(event: StatusChanged) -> bool:
    return event.status in ENDED


def _title(state: DeploymentState, number: int, first: AnyEvent) -> str:
    if isinstance(first, StatusChanged) and first.status is DeploymentStatus.ROLLING_BACK:
        return "rollback"
    return "retry" if number else state.operation


def _time(event: AnyEvent) -> datetime:
    assert event.time is not None  # noqa: S101 - those without are in no part
    return event.time


def axis(seconds: float) -> tuple[float, ...]:
    """Where the axis of so many seconds is marked: evenly, at round figures, at most six times."""
    step = next((one for one in STEPS if seconds <= one * TICKS), ceil(seconds / TICKS))
    count = max(1, ceil(seconds / step))
    return tuple(step * number for number in range(count + 1))


def _foreseen(state: DeploymentState) -> dict[str, tuple[float, float]]:
    if state.foreseen is None:
        return {}
    stages = state.foreseen.forecast.timeline.stages
    return {one.agent: (one.starts_after, one.p50) for one in stages}


def _lanes(
    state: DeploymentState,
    part: list[AnyEvent],
    seconds: float,
    foreseen: dict[str, tuple[float, float]],
    *,
    outcome: str,
) -> tuple[Lane, ...]:
    began = _time(part[0])
    stages: dict[str, Bar] = {}
    steps: dict[str, list[Bar]] = {}
    for event in part:
        after = (_time(event) - began).total_seconds()
        if isinstance(event, StageStarted):
            open_end = "running" if outcome == "running" else "stopped"
            stages[event.agent] = Bar(event.agent, after, max(0.0, seconds - after), open_end)
        elif isinstance(event, StageEnded) and event.agent in stages:
            start = stages[event.agent].start
            bad_end = "stopped" if outcome == DeploymentStatus.CANCELLED else "failed"
            end = "ok" if event.ok else bad_end
            stages[event.agent] = Bar(event.agent, start, max(0.0, after - start), end)
        elif isinstance(event, StepEnded):
            steps.setdefault(event.agent, []).append(_step(state, event, after))
    agents = [*stages, *(agent for agent in steps if agent not in stages)]
    lanes = [
        _lane(stages.get(agent) or _around(agent, steps[agent]), steps.get(agent, []), seconds)
        for agent in agents
        # The Conductor's stage is the whole of it, and says nothing more.
        if agent != "conductor" or agent in steps or len(agents) == 1
    ]
    return tuple(
        Lane(one.stage, one.steps, one.left_out, foreseen.get(one.stage.name))
        for one in sorted(lanes, key=lambda one: one.stage.start)
    )


def _step(state: DeploymentState, event: StepEnded, after: float) -> Bar:
    start = max(0.0, after - event.seconds)
    shown = short(state, event.host) if event.host else None
    return Bar(event.step, start, min(event.seconds, after), event.outcome, shown, event.detail)


def short(state: DeploymentState, host: str) -> str:
    """A host's logical name, of the one that Ansible knows it by."""
    return host.removeprefix(f"{state.application}-{state.environment}-")


def _around(agent: str, steps: list[Bar]) -> Bar:
    start = min(one.start for one in steps)
    end = max(one.start + one.seconds for one in steps)
    outcome = "failed" if any(one.outcome in BAD for one in steps) else "ok"
    return Bar(agent, start, end - start, outcome)


def _lane(stage: Bar, steps: list[Bar], seconds: float) -> Lane:
    least = seconds * TOO_SHORT
    told = [one for one in steps if one.outcome != "skipped"]
    shown = [one for one in told if one.outcome in BAD or one.seconds >= least]
    worst = sorted(shown, key=lambda one: (one.outcome not in BAD, -one.seconds))[:MOST_STEPS]
    return Lane(
        stage, tuple(sorted(worst, key=lambda one: one.start)), left_out=len(told) - len(worst)
    )
