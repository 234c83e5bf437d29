"""What runs of a deployment now, as lines: who works, for how long, on what. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from autodeploy.cli import output
from autodeploy.journal.events import (
    Foreseen,
    Heard,
    LogLine,
    StageEnded,
    StageStarted,
    StepEnded,
    StepStarted,
)

WIDE = 72
"""Columns from which a line has room for how long its stage takes."""


@dataclass(frozen=True)
class Running:
    """What runs now.

    Attributes:
        since: When each stage that runs has begun, by its agent.
        steps: The steps that run, those that have begun first before the others.
        said: What each agent has said or done last.
        expected: Seconds that half of such stages take; `""` is the whole deployment.
    """

    since: Mapping[str, datetime] = field(default_factory=dict)
    steps: tuple[StepStarted, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)
    expected: Mapping[str, float] = field(default_factory=dict)


def after(running: Running, event: Heard) -> Running:
    """What runs after one more event."""
    if isinstance(event, StageStarted) and event.time:
        return replace(running, since={**running.since, event.agent: event.time})
    if isinstance(event, StageEnded):
        rest = {agent: began for agent, began in running.since.items() if agent != event.agent}
        steps = tuple(one for one in running.steps if one.agent != event.agent)
        return replace(running, since=rest, steps=steps)
    if isinstance(event, StepStarted):
        return replace(running, steps=(*_others(running, event), event))
    if isinstance(event, StepEnded):
        ended = _said(running, event.agent, _placed(event.step, [event.host]))
        return replace(ended, steps=_others(running, event))
    if isinstance(event, LogLine) and event.level != "debug":
        return _said(running, event.agent, event.message)
    if isinstance(event, Foreseen):
        line = event.prediction.forecast.timeline
        return replace(running, expected={"": line.p50, **{s.agent: s.p50 for s in line.stages}})
    return running


def _others(running: Running, event: StepStarted | StepEnded) -> tuple[StepStarted, ...]:
    """The steps that run beside it: a host does one at a time, the controller several."""

    def is_it(one: StepStarted) -> bool:
        same = one.host == event.host and one.agent == event.agent
        return same and bool(one.host or one.step == event.step)

    return tuple(one for one in running.steps if not is_it(one))


def _said(running: Running, agent: str, what: str) -> Running:
    return replace(running, said={**running.said, agent: what})


def _doing(running: Running, agent: str) -> str:
    """The step that has begun first, with all hosts that are at it, and how many others run."""
    steps = [one for one in running.steps if one.agent == agent]
    if not steps:
        return running.said.get(agent, "")
    hosts = [one.host for one in steps if one.step == steps[0].step]
    others = len(steps) - len(hosts)
    more = f" (and {others} more)" if others else ""
    return f"{_placed(steps[0].step, hosts)}{more}"


def _placed(step: str, hosts: Sequence[str | None]) -> str:
    """Where comes first: a narrow terminal cuts the end off."""
    first = (hosts[0] or "").rpartition("-host-")
    name = f"host-{first[2]}" if first[1] else first[2]
    where = f"{len(hosts)} hosts" if len(hosts) > 1 else name
    return f"{where}: {step}" if where else step


def lines(running: Running, now: datetime, width: int = WIDE) -> list[str]:
    """The page: a line for each stage that runs; the Conductor's is the whole deployment.

    Args:
        running: What runs.
        now: UTC.
        width: Of the terminal. A narrow one has no room for how long a stage usually takes.
    """
    shown = []
    for agent, began in running.since.items():
        begun = f"{agent:<12} {max((now - began).total_seconds(), 0):5.0f} s "
        usual = f"{_usual(running, agent):<17} " if width >= WIDE else ""
        shown.append(f"{begun}{usual}{_first(_doing(running, agent))}".rstrip())
    return shown


def _usual(running: Running, agent: str) -> str:
    expected = running.expected.get("" if agent == "conductor" else agent)
    return "" if expected is None else f"of about {expected:.0f} s"


def _first(text: str) -> str:
    return (output.plain(text).splitlines() or [""])[0]
