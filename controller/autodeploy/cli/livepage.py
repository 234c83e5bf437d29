"""The lines at the foot of a terminal while a deployment runs: who works, for how long, on what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

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
from autodeploy.journal.journal import Listener

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

A_SECOND = 4


@dataclass(frozen=True)
class Running:
    """What runs now.

    Attributes:
        since: When each stage that runs has begun, by its agent.
        doing: What each agent does, or else has said or done last.
        expected: Seconds that half of such stages take; `""` is the whole deployment.
    """

    since: Mapping[str, datetime] = field(default_factory=dict)
    doing: Mapping[str, str] = field(default_factory=dict)
    expected: Mapping[str, float] = field(default_factory=dict)


def after(running: Running, event: Heard) -> Running:
    """What runs after one more event."""
    if isinstance(event, StageStarted) and event.time:
        return replace(running, since={**running.since, event.agent: event.time})
    if isinstance(event, StageEnded):
        rest = {agent: began for agent, began in running.since.items() if agent != event.agent}
        return replace(running, since=rest)
    if isinstance(event, StepStarted | StepEnded):
        return _doing(running, event.agent, f"{event.step} on {event.host or 'this machine'}")
    if isinstance(event, LogLine) and event.level != "debug":
        return _doing(running, event.agent, event.message)
    if isinstance(event, Foreseen):
        line = event.prediction.forecast.timeline
        return replace(running, expected={"": line.p50, **{s.agent: s.p50 for s in line.stages}})
    return running


def _doing(running: Running, agent: str, what: str) -> Running:
    first = (output.plain(what).splitlines() or [""])[0]
    return replace(running, doing={**running.doing, agent: first})


def lines(running: Running, now: datetime) -> list[str]:
    """The page: a line for each stage that runs; the Conductor's is the whole deployment."""
    return [
        f"{agent:<12} {_time(now - began, running, agent)}  {running.doing.get(agent, '')}".rstrip()
        for agent, began in running.since.items()
    ]


def _time(elapsed: timedelta, running: Running, agent: str) -> str:
    expected = running.expected.get("" if agent == "conductor" else agent)
    usual = f"of about {expected:.0f} s" if expected is not None else ""
    return f"{max(elapsed.total_seconds(), 0):5.0f} s {usual:<16}"


class LivePage:
    """Hears events; the page is there while a stage runs, below what `tell` prints of them."""

    def __init__(self, tell: Listener) -> None:
        self._tell = tell
        self._running = Running()
        self._live: Live | None = None

    def __call__(self, event: Heard) -> None:
        """Hear an event."""
        self._running = after(self._running, event)
        if self._running.since and self._live is None:
            self._open()
        self._tell(event)
        if not self._running.since:
            self.close()

    def close(self) -> None:
        """Leave the terminal as it was, with its cursor."""
        live, self._live = self._live, None
        if live:
            live.stop()

    def _open(self) -> None:
        from rich.live import Live

        # What is on stdout is data, which a pipe may take: it stays away from here.
        self._live = Live(
            get_renderable=self._page,
            console=output.console(stderr=True),
            refresh_per_second=A_SECOND,
            transient=True,
            redirect_stdout=False,
        )
        self._live.start()

    def _page(self) -> Text:
        from rich.text import Text

        page = lines(self._running, datetime.now(UTC))
        return Text("\n".join(page), style="dim", no_wrap=True, overflow="ellipsis")
