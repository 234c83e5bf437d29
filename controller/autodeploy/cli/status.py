"""`autodeploy status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from autodeploy.cli import applications, forecastpage, options, output, statuswatch, ways
from autodeploy.contracts import (
    ApplicationState,
    ApplicationStatus,
    DeploymentStatus,
    SecurityConfig,
)
from autodeploy.errors import PlanOutdated, StateError, UsageError
from autodeploy.words import number_of

if TYPE_CHECKING:
    from autodeploy.conductor import Look

OVER = frozenset(
    {DeploymentStatus.FAILED, DeploymentStatus.CANCELLED, DeploymentStatus.ROLLED_BACK}
)
Unreadable = dict[tuple[str, str], StateError]
"""What is wrong, by application and environment."""


@click.command()
@click.argument("application", shell_complete=options.applications, required=False)
@click.option("--watch", is_flag=True, help="Look every two seconds, until Ctrl-C.")
@options.environment
@options.as_json
def status(*, application: str | None, watch: bool, environment: str | None, as_json: bool) -> int:
    """Show the newest deployment of APPLICATION, and its health now; or of every application.

    Of every application it shows what is known of it, which asks nobody; with --watch each is
    looked at too.

    \b
    Examples:
      autodeploy status
      autodeploy status shop -e staging
      autodeploy status --watch
    """
    if watch:
        if as_json:
            raise UsageError("--watch is for people: leave out --json")
        statuswatch.watch(lambda: _known(application, environment)[0])
        return 0
    known, unreadable = _known(application, environment)
    looks = statuswatch.looks(known) if application else [None] * len(known)
    if as_json:
        shown = [_data(*one) for one in zip(known, looks, strict=True)]
        output.document(shown[0] if application else [*shown, *_unreadable(unreadable)])
    elif not known and not unreadable:
        output.say("nothing is deployed; `autodeploy deploy REPOSITORY` is the way to begin")
    elif application:
        _show(known[0], looks[0])
    elif known:
        statuswatch.show(known)
    for error in unreadable.values():
        output.error(output.report(error))
    return 1 if unreadable else 0


def _known(
    application: str | None, environment: str | None
) -> tuple[list[ApplicationState], Unreadable]:
    if application:
        return [applications.find(application, environment or "production")], {}
    return every(environment)


def every(environment: str | None) -> tuple[list[ApplicationState], Unreadable]:
    """All applications, and what is wrong with those whose state cannot be read."""
    known: list[ApplicationState] = []
    unreadable: Unreadable = {}
    for place, found in applications.store().every().items():
        if environment not in {None, place[1]}:
            continue
        if isinstance(found, StateError):
            unreadable[place] = found
        elif found.secrets or _came_to_anything(found):
            known.append(found)
    return known, unreadable


def _came_to_anything(known: ApplicationState) -> bool:
    """Whether there is more of it than a deployment that was refused, or a typo's."""
    last = known.last
    was_refused = last.error is not None and last.error.exit_code == PlanOutdated.exit_code
    # A killed run may have made something that nothing is known of.
    may_have_left = known.change is not None and not known.is_first
    is_unread = last.stack is None or was_refused
    is_over = last.operation == "deploy" and last.status in OVER and is_unread
    return bool(not is_over or known.live or known.resources or known.hosts or may_have_left)


def _unreadable(found: Unreadable) -> list[dict[str, Any]]:
    return [
        {"application": name, "environment": where, "error": output.failure(error)["error"]}
        for (name, where), error in found.items()
    ]


def _data(known: ApplicationState, look: Look | None) -> dict[str, Any]:
    """Everything that the newest run's state holds, and what all runs left."""
    return {
        # What `deploy --json` shows is a part of it, under other names or in fewer words.
        **output.deployment_data(known.last),
        **known.last.model_dump(mode="json"),
        "security": _security(known.last.security),
        "application_status": known.status,
        "in_maintenance": known.maintenance,
        "maintenance_done": known.maintenance_done,
        "interrupted": applications.is_interrupted(known.last),
        "next": ways.on(known),
        "live": output.deployment_data(known.live) if known.live else None,
        "processes": applications.wanted(known.live),
        "health": look.health if look else None,
        "certificate_days": look.certificate_days if look else None,
    }


def _security(found: SecurityConfig | None) -> dict[str, Any] | None:
    """All of it, and what all hosts together have come to."""
    if found is None:
        return None
    said = ("verified", "changed", "not_verified")
    return {
        **found.model_dump(mode="json"),
        "findings": [one.model_dump(mode="json") for one in found.findings],
        **{name: list(getattr(found, name)) for name in said},
    }


def _show(known: ApplicationState, look: Look | None) -> None:
    click.echo(f"{known.application} ({known.environment}, {known.target}): {standing(known)}")
    _show_live(known, look)
    _show_last(known)
    for host in known.hosts:
        click.echo(f"  {host.name}  {host.address}  {host.instance_id or ''}")
    for resource in known.resources:
        click.echo(f"  {resource.type:<28} {resource.id}")
    for snapshot in known.last.snapshots:
        click.echo(f"  {'AWS::RDS::DBSnapshot':<28} {snapshot}")


def _show_last(known: ApplicationState) -> None:
    """What was done last, what went wrong with it, and how to go on."""
    last = known.last
    interrupted = applications.is_interrupted(last)
    standing = "interrupted" if interrupted else last.status
    click.echo(f"  last: {last.operation} {last.id}: {standing}")
    click.echo(f"    started {last.created_at:%Y-%m-%d %H:%M:%S} UTC")
    if last.done_at:
        click.echo(f"    ended   {last.done_at:%Y-%m-%d %H:%M:%S} UTC")
    if last.back_since:
        seconds = last.rollback_seconds
        took = f", took {seconds:.1f} s" if seconds is not None else ""
        click.echo(f"    its rollback began {last.back_since:%Y-%m-%d %H:%M:%S} UTC{took}")
    for line in forecastpage.compared(last):
        click.echo(f"    {line}")
    if last.repository:
        click.echo(f"    from {last.repository} at {last.commit or 'no commit'}")
    if last.error:
        output.error(last.error)
    if interrupted:
        click.echo("    its process is gone, and nobody goes on with it")
    for command in ways.on(known):
        click.echo(f"    next: {command}")


def _show_live(known: ApplicationState, look: Look | None) -> None:
    """What serves, how it is now and where: what one asks for first."""
    running = known.live.deployment if known.live else None
    if look and look.health:
        click.echo(f"  now: {look.health}")
    if running:
        click.echo(f"  {running.url or output.NO_URL}")
        asked = (
            f", {running.health_path} → {running.health_status}" if running.health_status else ""
        )
        click.echo(f"  release {running.release}{asked}")
        if wanted := applications.wanted(known.live):
            counts = ", ".join(f"{name} {number}" for name, number in wanted.items())
            click.echo(f"  wanted on each of {number_of(len(running.hosts), 'host')}: {counts}")
    if look and look.certificate_days is not None:
        click.echo(f"  its certificate is good for {look.certificate_days} days")
    if known.secrets:
        click.echo(f"  secrets: {len(known.secrets.names)}")
    if running and running.jobs:
        for name, job in running.jobs.items():
            click.echo(f"  job {name}: {job.schedule} (UTC)")
        click.echo(f"    how they went: `autodeploy cron {applications.named(known)}`")


def standing(known: ApplicationState) -> str:
    """How an application is, by what is known of it."""
    if known.live and (known.maintenance or not known.maintenance_done):
        return f"{known.status}, {_maintenance(known)}"
    if known.status is not ApplicationStatus.ACTIVE or known.live:
        return known.status
    undone = known.last.status is DeploymentStatus.ROLLED_BACK
    return "nothing is there" if undone else "is not up"


def _maintenance(known: ApplicationState) -> str:
    where = f"{known.application} -e {known.environment}"
    off = f"`autodeploy maintenance off {where}` ends it"
    if known.maintenance_done:
        return f"in maintenance ({off})"
    if not known.maintenance:
        return f"may be in maintenance on some hosts yet ({off})"
    on = f"`autodeploy maintenance on {where}` brings all there"
    return f"may be in maintenance on some hosts alone ({on}, {off})"
