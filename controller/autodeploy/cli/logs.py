"""`autodeploy logs`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from autodeploy.cli import applications, options, output
from autodeploy.errors import UsageError
from autodeploy.settings.file import nearest
from autodeploy.strangers import as_ours

if TYPE_CHECKING:
    from autodeploy.contracts import ApplicationState
    from autodeploy.deployer import LogLine

COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "bright_cyan", "bright_magenta")
NEWEST, BEFORE_MORE = 100, 10
OTHERS = ("command", "hook")
"""What speaks beside processes and jobs: see `LogLine`."""


@click.command()
@click.argument("application", shell_complete=options.applications)
@click.option("-f", "--follow", is_flag=True, help="Wait for more.")
@click.option(
    "--process", help="Of one process or job alone, such as web; all that `scale` has made of it."
)
@click.option("--since", metavar="WHEN", help="From then on: 10m, 2h, 3d, or 2026-01-31T12:00.")
@click.option("--host", help="Of one host alone, such as host-2.")
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(min=0),
    help=f"The newest so many (default: {NEWEST}, {BEFORE_MORE} with -f, all with --since).",
)
@options.environment
@options.profile
@options.as_json
def logs(
    *,
    application: str,
    follow: bool,
    process: str | None,
    since: str | None,
    host: str | None,
    lines: int | None,
    environment: str | None,
    profile: str | None,
    as_json: bool,
) -> int:
    """Show what APPLICATION's processes have said, on all its hosts in the order of time.

    --json prints one document; with -f, one object a line.

    \b
    Examples:
      autodeploy logs shop -f
      autodeploy logs shop --since 2h --process worker
    """
    from autodeploy import conductor, deployer
    from autodeploy.cli import wiring

    known = applications.find(application, environment or "production")
    _refuse_unknown(process, known)
    earliest = _moment(since)
    if follow and earliest and lines is not None:
        raise UsageError("-n and --since are two beginnings of what -f follows: give one")
    if lines is None and earliest is None:
        lines = BEFORE_MORE if follow else NEWEST
    query = deployer.LogQuery(application, process, earliest, lines, follow)
    lost: list[Exception] = []

    def failed(error: Exception) -> None:
        lost.append(error)
        output.error(output.report(as_ours(error)))

    where = wiring.environment(wiring.settings_of(known, profile))
    with conductor.logs(known, query, host, where, failed) as said:
        if as_json and not follow:
            output.document([_data(one) for one in said])
        else:
            colours: dict[str, str] = {}
            several = len(known.hosts) > 1 and host is None
            for one in said:
                _print(one, colours, with_host=several, as_json=as_json)
    return 1 if lost else 0


def _refuse_unknown(process: str | None, known: ApplicationState) -> None:
    """A process that no release has or had says nothing, for ever."""
    runs = [run for run in (known.last, known.live, *known.earlier) if run]
    stacks = [run.stack.processes for run in runs if run.stack]
    releases = [
        {**run.deployment.processes, **run.deployment.jobs} for run in runs if run.deployment
    ]
    names = dict.fromkeys([*chain(*stacks, *releases), *OTHERS])
    if process is not None and process not in names:
        hint = nearest(process, names) or f"There are {', '.join(names)}."
        raise UsageError(f"{known.application} has no process {process}", remediation=hint)


def _moment(said: str | None) -> datetime | None:
    from autodeploy.deployer import moment

    try:
        return moment(said, datetime.now(UTC)) if said else None
    except (ValueError, OverflowError):
        raise UsageError(
            f"--since {said}: is no time to begin at",
            remediation="Say 10m, 2h, 3d or 2026-01-31T12:00.",
        ) from None


def _data(one: LogLine) -> dict[str, Any]:
    return {
        "time": one.time.isoformat(timespec="microseconds"),
        "host": one.host,
        "process": one.process,
        "release": one.release,
        "text": one.text,
        "systemd": one.is_ours,
    }


def _print(one: LogLine, colours: dict[str, str], *, with_host: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_data(one)))
        return
    colour = colours.setdefault(one.process, COLOURS[len(colours) % len(COLOURS)])
    where = f"{one.host} {one.process}" if with_host else one.process
    head = click.style(output.plain(f"{one.time:%Y-%m-%d %H:%M:%S} {where} |"), fg=colour)
    for text in one.text.splitlines() or [""]:
        shown = output.plain(text)
        line = f"{head} {click.style(shown, dim=True) if one.is_ours else shown}"
        click.echo(line, color=output.colour())
