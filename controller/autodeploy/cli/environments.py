"""`autodeploy environments`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from autodeploy.cli import applications, options, output, ways
from autodeploy.cli.guessing import Guessing
from autodeploy.contracts import ApplicationState, ApplicationStatus
from autodeploy.errors import AutodeployError

DATABASE = "AWS::RDS::DBInstance"


@click.group(cls=Guessing)
def environments() -> None:
    """All environments of all applications: show them, and remove what is past its time.

    \b
    Examples:
      autodeploy environments ls
      autodeploy environments reap --yes
    """


@environments.command()
@options.state
@options.as_json
def ls(*, as_json: bool) -> None:
    """Show every environment: until when it is wanted, where it answers, what it has.

    \b
    Examples:
      autodeploy deploy . -e pr-42 --ttl 3d
      autodeploy environments ls
    """
    found, now = _there(), datetime.now(UTC)
    if as_json:
        output.document([_data(one) for one in found])
    elif found:
        _page(found, now)
    else:
        output.say("nothing is deployed; `autodeploy deploy REPOSITORY` is the way to begin")


@environments.command()
@options.state
@options.profile
@options.lock_wait
@click.option("--yes-data", is_flag=True, help="Those with a database too, after a last snapshot.")
@options.yes
@options.as_json
def reap(
    *, profile: str | None, lock_wait: int | None, yes_data: bool, yes: bool, as_json: bool
) -> int:
    """Remove every environment that is past the time that `--ttl` gave it.

    One that has a database stays unless --yes-data is given. Where one cannot be removed, the
    others are all the same, and the exit code is 1.

    \b
    Examples:
      autodeploy environments reap --yes
    """
    from autodeploy import conductor

    late = conductor.overdue(_there(), datetime.now(UTC))
    kept = [] if yes_data else [one for one in late if _has_data(one)]
    going = [one for one in late if one not in kept]
    for one in kept:
        output.say(f"{_named(one)} has a database and stays: --yes-data removes it", fg="yellow")
    if going:
        names = ", ".join(map(_named, going))
        options.confirm(f"Remove {names}, with all that is there?", yes=yes)
    ended = [_reaped(one, profile, lock_wait) for one in going]
    if as_json:
        staying = [_place(one) | {"status": "kept", "error": None} for one in kept]
        output.document([*ended, *staying])
    elif not late:
        output.say("nothing is past its time")
    return 1 if any(one["error"] for one in ended) else 0


def _there() -> list[ApplicationState]:
    """Every environment that has anything; of one whose state cannot be read it is said."""
    found = []
    for (name, where), known in applications.store().every().items():
        if not isinstance(known, ApplicationState):
            output.say(f"{name} ({where}): {known.message}", fg="yellow")
        elif known.resources or known.occupied or known.secrets:
            found.append(known)
    return found


def _reaped(known: ApplicationState, profile: str | None, lock_wait: int | None) -> dict[str, Any]:
    """What came of removing one, as --json shows it; people are told."""
    from autodeploy import conductor
    from autodeploy.cli import wiring

    settings = wiring.settings_of(known, profile, lock_wait)
    command = conductor.Command(
        repository=None, name=known.application, flags={}, settings=settings
    )
    try:
        state = conductor.destroy(command, wiring.environment(settings))
        report, status = state.error, str(state.status)
    except AutodeployError as refused:
        report, status = output.report(refused), "failed"
    if report:
        output.say(f"{_named(known)} could not be removed")
        output.error(report)
    else:
        output.say(f"{_named(known)} is removed")
    error = output.error_data(report) if report else None
    return _place(known) | {"status": status, "error": error}


def _place(known: ApplicationState) -> dict[str, Any]:
    return {"application": known.application, "environment": known.environment}


def _named(known: ApplicationState) -> str:
    return f"{known.application} ({known.environment})"


def _has_data(known: ApplicationState) -> bool:
    return any(one.type == DATABASE for one in known.resources)


def _data(known: ApplicationState) -> dict[str, Any]:
    from autodeploy import conductor

    wanted = conductor.expiry(known)
    running = known.live.deployment if known.live else None
    return {
        **_place(known),
        "target": known.target,
        "status": known.status,
        "until": wanted.until.isoformat() if wanted else None,
        "ttl": wanted.ttl if wanted else None,
        "deployed_at": known.last.created_at.isoformat(),
        "url": running.url if running else None,
        "resources": len(known.resources),
        "next": ways.on(known),
    }


def _page(found: list[ApplicationState], now: datetime) -> None:
    from autodeploy.cli.stackpage import show_table, table

    titles = (
        "application",
        "environment",
        "target",
        "wanted until (UTC)",
        "deployed",
        "resources",
        "url",
    )
    show_table(table(*titles, rows=(_row(one, now) for one in found)))


def _row(known: ApplicationState, now: datetime) -> tuple[str, ...]:
    from autodeploy import conductor

    wanted = conductor.expiry(known)
    until = f"{wanted.until:%Y-%m-%d %H:%M}" if wanted else "-"
    late = ", past" if wanted and wanted.until < now else ""
    running = known.live.deployment if known.live else None
    standing = "" if known.status is ApplicationStatus.ACTIVE else f" ({known.status})"
    return (
        known.application,
        known.environment + standing,
        known.target,
        until + late,
        f"{_age(now - known.last.created_at)} ago",
        str(len(known.resources)),
        (running.url if running else None) or "-",
    )


def _age(since: Any) -> str:
    """How long ago the newest run began, in its largest unit."""
    seconds = int(since.total_seconds())
    for unit, length in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"
