"""`autodeploy metrics`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import click

from autodeploy.cli import applications, options, output
from autodeploy.contracts import Metrics, Series
from autodeploy.errors import HostError, UsageError

BLOCKS, GAP = "▁▂▃▄▅▆▇█", "·"
MIB = 1024**2
LONGEST = timedelta(days=60)
"""CloudWatch keeps periods of five minutes for 63 days."""
SHOWN: Mapping[str, Callable[[float], str]] = {
    "count": lambda value: f"{value:,.0f}" if value == int(value) else f"{value:.2f}",
    "seconds": lambda value: f"{1000 * value:,.0f} ms",
    "percent": lambda value: f"{value:.1f} %",
    "bytes": lambda value: f"{value / MIB:,.0f} MiB",
}
"""How a value is written, by its unit."""


@click.command()
@click.argument("application", shell_complete=options.applications)
@click.option(
    "--since", default="1h", metavar="WHEN", help="From then on: 30m, 2h, 3d (default: 1h)."
)
@options.environment
@options.profile
@options.as_json
def metrics(
    *,
    application: str,
    since: str,
    environment: str | None,
    profile: str | None,
    as_json: bool,
) -> int:
    """Show what was measured of APPLICATION: requests, errors, latency, hosts, database.

    On AWS and in the lab CloudWatch tells it. Hosts that exist (--target ssh) are measured by
    nobody: each is asked how it is now.

    \b
    Examples:
      autodeploy metrics shop
      autodeploy metrics shop -e staging --since 1d --json
    """
    from autodeploy import conductor
    from autodeploy.cli import wiring

    known = applications.find(application, environment or "production")
    now = datetime.now(UTC)
    earliest = _earliest(since, now)
    lost: list[HostError] = []

    def failed(error: HostError) -> None:
        lost.append(error)
        output.error(output.report(error))

    where = wiring.environment(wiring.settings_of(known, profile))
    found = conductor.metrics(known, earliest, now, where, failed)
    if as_json:
        output.document(found.model_dump(mode="json"))
    else:
        _page(found)
    return 1 if lost else 0


def _earliest(said: str, now: datetime) -> datetime:
    from autodeploy.deployer import moment

    try:
        earliest = moment(said, now)
    except (ValueError, OverflowError):
        raise UsageError(
            f"--since {said}: is no time to begin at",
            remediation="Say 30m, 2h, 3d or 2026-01-31T12:00.",
        ) from None
    if not now - LONGEST <= earliest < now:
        raise UsageError(
            f"--since {said}: is not within the last {LONGEST.days} days",
            remediation="CloudWatch keeps no more: say 30m, 2h or 3d.",
        )
    return earliest


def _page(found: Metrics) -> None:
    from autodeploy.cli.stackpage import table

    page = output.console()
    if not found.period:
        rows = [(one.of, one.metric, _last(one)) for one in found.series]
        page.print(table("of", "metric", "now", rows=rows))
        return
    titles = ("of", "metric", "since then", "newest", "highest", "together")
    page.print(table(*titles, rows=[_row(one, found) for one in found.series]))
    output.say(f"each block is {found.period // 60} minutes; the newest is not over yet")


def _row(one: Series, found: Metrics) -> tuple[str, ...]:
    shown, values = SHOWN[one.unit], [point.value for point in one.points]
    highest = shown(max(values)) if values else "-"
    together = shown(sum(values)) if one.sums else ""
    return one.of, one.metric, sparkline(one, found), _last(one), highest, together


def _last(one: Series) -> str:
    return SHOWN[one.unit](one.points[-1].value) if one.points else "-"


def sparkline(one: Series, found: Metrics) -> str:
    """A block for each period, as high as its value is; a dot where nothing was measured. Pure."""
    values = {int(point.time.timestamp()) // found.period: point.value for point in one.points}
    first, last = (int(one.timestamp()) // found.period for one in (found.since, found.until))
    top = max(values.values(), default=0) or 1

    def block(value: float) -> str:
        return BLOCKS[round((len(BLOCKS) - 1) * value / top)]

    return "".join(
        block(values[place]) if place in values else GAP for place in range(first, last + 1)
    )
