"""Events → the lines of a log that a page can bear. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from autodeploy.contracts import DeploymentState, ErrorReport
from autodeploy.journal import events as e
from autodeploy.pages.model import LogRow
from autodeploy.pages.timeline import short

LINE = 4000
HEAD = 200
TAIL = 3000
TEXT = 1_000_000
"""Characters of the newest lines."""


def rows(state: DeploymentState, events: Iterable[e.AnyEvent]) -> tuple[tuple[LogRow, ...], int]:
    """The lines, and how many between the first and the newest are left out for their number."""
    every = [row for event in events if (row := _row(state, event))]
    head, rest = every[:HEAD], every[HEAD:]
    kept = list(islice(_newest(rest), TAIL))[::-1]
    return (*head, *kept), len(rest) - len(kept)


def _newest(some: list[LogRow]) -> Iterator[LogRow]:
    left = TEXT
    for one in reversed(some):
        left -= len(one.text)
        if left < 0:
            return
        yield one


def cut(text: str, most: int = LINE) -> str:
    """The text; its end is left out where it is long."""
    more = len(text) - most
    return f"{text[:most]} … ({more} more characters)" if more > 0 else text


def _row(state: DeploymentState, event: e.AnyEvent) -> LogRow | None:
    found: tuple[str, str, str]
    match event:
        case e.LogLine():
            found = event.agent, event.level, event.message
        case e.StageStarted():
            found = event.agent, "info", "begins"
        case e.StageEnded():
            found = event.agent, "info" if event.ok else "error", _ending(ok=event.ok)
        case e.StepEnded() if event.outcome != "skipped":
            bad = event.outcome in {"failed", "unreachable"}
            found = event.agent, "error" if bad else "step", _step(state, event)
        case e.ResourceDone() if event.action != "none":
            found = "provisioner", "step", f"{event.action} {event.key}: {event.id}"
        case e.StatusChanged():
            found = "conductor", "info", f"the deployment is {event.status}"
        case e.Failed():
            found = event.error.agent, "error", _failure(event.error)
        case _:
            return None
    agent, level, text = found
    return LogRow(event.time, agent, level, cut(text))


def _ending(*, ok: bool) -> str:
    return "ends well" if ok else "fails"


def _step(state: DeploymentState, event: e.StepEnded) -> str:
    where = f" on {short(state, event.host)}" if event.host else ""
    detail = f"\n{event.detail}" if event.detail else ""
    return f"{event.outcome}: {event.step}{where} ({event.seconds:.1f} s){detail}"


def _failure(error: ErrorReport) -> str:
    return f"{error.message}\n{error.cause}" if error.cause else error.message
