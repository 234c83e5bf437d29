"""A deployment's events as they happen: lines for people, a live page on a terminal, or JSON."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

import click

from autodeploy import stopping
from autodeploy.cli.names import EVENTS, VOICE
from autodeploy.cli.output import asked, indented, say
from autodeploy.journal.events import (
    Heard,
    LogLine,
    StageEnded,
    StageStarted,
    StepEnded,
    StepStarted,
)
from autodeploy.journal.journal import Listener


class Line(NamedTuple):
    """What people are told of an event, and how it looks."""

    text: str
    style: dict[str, Any]


def listener() -> Listener:
    """What hears the events of a run of this command, as its options and the terminal ask."""
    if asked(EVENTS):
        return _print_json
    # Asked here: threads, in which stages run beside each other, know of no command line.
    tell = partial(progress, voice=asked(VOICE))
    if asked(VOICE) != "quiet" and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        # Takes a while to import, and a pipe has no use for it.
        from autodeploy.cli.livepage import LivePage

        page = LivePage(tell)
        click.get_current_context().call_on_close(page.close)
        return page
    return tell


def progress(event: Heard, voice: str | None = None) -> None:
    """Print an event as it happens, as far as people want to see it: see `line`."""
    if found := line(event, voice):
        say(found.text, **found.style)


def line(event: Heard, voice: str | None = None) -> Line | None:
    """What is said of an event; None for nothing.

    Args:
        event: The event.
        voice: `quiet` for what people should act on alone, `verbose` for each step.
    """
    if isinstance(event, StageEnded) and not event.ok:
        is_stopped = stopping.is_asked() and not stopping.lost()
        said = "stopped" if is_stopped else "failed"
        return Line(f"  {event.agent}: {said}", {"fg": "red"})
    if isinstance(event, LogLine) and _is_told(event, voice):
        return Line(f"  {event.agent}: {indented(event.message)}", {})
    if voice == "quiet":
        return None
    if isinstance(event, StageStarted):
        return Line(event.agent, {"bold": True})
    silent = set() if voice == "verbose" else {"skipped", "ok"}
    if isinstance(event, StepEnded) and event.outcome not in silent:
        where = f" on {event.host}" if event.host else ""
        said = f"{event.outcome}: {event.step}{where} ({event.seconds:.1f} s)"
        return Line(f"  {event.agent}: {said}", {})
    return None


def _is_told(event: LogLine, voice: str | None) -> bool:
    if voice == "quiet":
        return event.level in {"warning", "error"}
    return voice == "verbose" or event.level != "debug"


def _print_json(event: Heard) -> None:
    if not isinstance(event, StepStarted):  # The lines are those of the log.
        with suppress(OSError):  # Nobody reads any more: no reason to end what is going on.
            click.echo(event.model_dump_json())
