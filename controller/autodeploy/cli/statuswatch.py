"""The table of `autodeploy status`, with --watch again and again, and what it looks at."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from autodeploy.cli import applications, output, ways
from autodeploy.contracts import ApplicationState
from autodeploy.errors import UsageError

if TYPE_CHECKING:
    from rich.text import Text

    from autodeploy.conductor import Look

EVERY_SECONDS = 2
SHORT = 7
GAP = "  "
LESS = ("next", "commit", "hosts", "last", "release")
"""What a narrow terminal goes without, the first the soonest."""
TITLES: tuple[str, ...] = (
    "application",
    "environment",
    "standing",
    "release",
    "commit",
    "hosts",
    "last",
    "next",
)


def looks(known: list[ApplicationState]) -> list[Look | None]:
    """A look at each, side by side and bounded by seconds; None where nothing is live."""
    live = [one for one in known if one.live]
    if not live:
        return [None] * len(known)
    # What has nothing live need not wait for what a look imports.
    from autodeploy import conductor
    from autodeploy.cli import wiring

    where = [(one, wiring.authority_of(wiring.settings_of(one, None))) for one in live]
    found = dict(zip(map(_place, live), conductor.looks(where), strict=True))
    return [found.get(_place(one)) for one in known]


def watch(read: Callable[[], list[ApplicationState]]) -> None:
    """Show what `read` gives, looked at anew every two seconds, until Ctrl-C.

    Raises:
        UsageError: There is no terminal to show it on.
    """
    if not sys.stdout.isatty():
        raise UsageError("--watch needs a terminal", remediation="Leave it out, or give --json.")
    from rich.live import Live

    never = threading.Event()
    try:
        with Live(_looked_at(read()), auto_refresh=False) as page:
            while not never.wait(EVERY_SECONDS):
                page.update(_looked_at(read()), refresh=True)
    except KeyboardInterrupt:
        return


def _place(known: ApplicationState) -> tuple[str, str]:
    return known.application, known.environment


def show(known: list[ApplicationState]) -> None:
    """Print the table of what is known; nobody is asked."""
    rows = _rows(known, None)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    click.echo("\n".join(table(rows, width)))


def table(rows: list[dict[str, str]], width: int | None = None) -> list[str]:
    """The rows below their titles; without rich, whose import is a tenth of the whole command.

    Args:
        rows: Cells by title.
        width: How many columns a terminal has; None is boundless. A line that is broken reads
            badly, so that it goes without some of the titles.
    """
    titles = list(TITLES)
    lines = _lines(titles, rows)
    for less in LESS:
        if width is None or max(map(len, lines)) <= width:
            break
        titles.remove(less)
        lines = _lines(titles, rows)
    return lines


def _lines(titles: list[str], rows: list[dict[str, str]]) -> list[str]:
    cells = [titles, *([output.plain(row[one]) for one in titles] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [GAP.join(map(str.ljust, line, widths)).rstrip() for line in cells]


def _looked_at(known: list[ApplicationState]) -> Text:
    from rich.text import Text

    width = shutil.get_terminal_size().columns
    return Text("\n".join(table(_rows(known, looks(known)), width)), no_wrap=True)


def _rows(known: list[ApplicationState], seen: list[Look | None] | None) -> list[dict[str, str]]:
    looked = zip(known, seen or [None] * len(known), strict=True)
    return [dict(zip(TITLES, _row(*one), strict=True)) for one in looked]


def _row(one: ApplicationState, look: Look | None) -> tuple[str, ...]:
    running = one.live.deployment if one.live else None
    next_steps = ways.on(one)
    return (
        one.application,
        one.environment,
        _standing(one, look),
        running.release if running else "-",
        (one.live.commit or "-")[:SHORT] if one.live else "-",
        str(len(one.hosts)),
        _last(one),
        next_steps[0] if next_steps else "-",
    )


def _standing(known: ApplicationState, look: Look | None) -> str:
    said = (look.health if look else None) or known.status
    if look and look.certificate_days is not None:
        said += f", certificate {look.certificate_days} d"
    return f"{said}, in maintenance" if known.maintenance else said


def _last(known: ApplicationState) -> str:
    last = known.last
    done = last.completed_at or last.created_at
    said = "interrupted" if applications.is_interrupted(last) else last.status
    return f"{last.operation} {said}, {done:%m-%d %H:%M}"
