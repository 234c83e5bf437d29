"""`autodeploy cron`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from autodeploy.cli import applications, options, output
from autodeploy.errors import NotDeployed

if TYPE_CHECKING:
    from autodeploy.deployer import JobSeen


@click.command()
@click.argument("application", shell_complete=options.applications)
@options.environment
@options.profile
@options.as_json
def cron(*, application: str, environment: str | None, profile: str | None, as_json: bool) -> int:
    """Show what of APPLICATION runs at given times (UTC): when next, and how it went last.

    Jobs stand below `cron:` in autodeploy.yml. What one has said, `autodeploy logs APPLICATION
    --process JOB` shows. The exit code is 1 where the last run of one failed.

    \b
    Examples:
      autodeploy cron shop
    """
    from autodeploy import conductor
    from autodeploy.cli import wiring

    known = applications.find(application, environment or "production")
    running = known.live.deployment if known.live else None
    if running is None:
        raise NotDeployed(f"{application} has no release whose jobs could be shown")
    where = wiring.environment(wiring.settings_of(known, profile))
    found = conductor.jobs(known, running, where)
    if as_json:
        output.document([_data(one) for one in found])
    elif found:
        _page(found)
    else:
        output.say("nothing runs at given times: `cron:` in autodeploy.yml says what is to")
    return 1 if any(one.failure for one in found) else 0


def _data(one: JobSeen) -> dict[str, Any]:
    return {
        "job": one.name,
        **one.job.model_dump(),
        "next": one.next.isoformat() if one.next else None,
        "last": one.last.isoformat() if one.last else None,
        "runs": one.runs,
        "failure": one.failure,
    }


def _page(found: list[JobSeen]) -> None:
    from autodeploy.cli.stackpage import show_table, table

    titles = ("job", "schedule", "next (UTC)", "last (UTC)", "went")
    rows = (
        (one.name, one.job.schedule, _time(one.next), _time(one.last), _went(one)) for one in found
    )
    show_table(table(*titles, rows=rows))


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "never"


def _went(one: JobSeen) -> str:
    if one.runs:
        return "runs"
    return one.failure or ("well" if one.last else "-")
