"""`autodeploy status`."""

from __future__ import annotations

from typing import Any

import click

from autodeploy.cli import options, output
from autodeploy.contracts import ApplicationState, ApplicationStatus


@click.command()
@click.argument("application", required=False)
@options.environment
@options.as_json
def status(*, application: str | None, environment: str | None, as_json: bool) -> None:
    """Show the newest deployment of APPLICATION, or of every application."""
    from autodeploy.cli import applications

    if application:
        known = [applications.find(application, environment or "production")]
    else:
        pairs = applications.store().applications()
        chosen = [pair for pair in pairs if environment in {None, pair[1]}]
        known = [applications.find(name, where) for name, where in chosen]
    if as_json:
        shown = [_data(one) for one in known]
        output.document(shown[0] if application else shown)
        return
    if not known:
        output.say("nothing is deployed; `autodeploy deploy REPOSITORY` is the way to begin")
    for one in known:
        _show(one)


def _data(known: ApplicationState) -> dict[str, Any]:
    """Everything that the newest run's state holds, and what all runs left."""
    return {
        # What `deploy --json` shows is a part of it, under other names or in fewer words.
        **output.deployment_data(known.last),
        **known.last.model_dump(mode="json"),
        "application_status": known.status,
        "live": output.deployment_data(known.live) if known.live else None,
    }


def _show(known: ApplicationState) -> None:
    last, running = known.last, known.live.deployment if known.live else None
    never = known.status is ApplicationStatus.ACTIVE and known.live is None
    standing = "was never up" if never else known.status
    click.echo(f"{known.application} ({known.environment}, {known.target}): {standing}")
    click.echo(f"  last: {last.operation} {last.id}: {last.status}")
    click.echo(f"    started {last.created_at:%Y-%m-%d %H:%M:%S} UTC")
    if last.completed_at:
        click.echo(f"    ended   {last.completed_at:%Y-%m-%d %H:%M:%S} UTC")
    if last.repository:
        click.echo(f"    from {last.repository} at {last.commit or 'no commit'}")
    if last.error:
        output.error(last.error)
    for resource in known.resources:
        click.echo(f"  {resource.type:<28} {resource.id}")
    for snapshot in last.snapshots:
        click.echo(f"  {'AWS::RDS::DBSnapshot':<28} {snapshot}")
    for host in known.hosts:
        click.echo(f"  {host.name}  {host.address}  {host.instance_id or ''}")
    if running:
        asked = (
            f", {running.health_path} → {running.health_status}" if running.health_status else ""
        )
        click.echo(f"  release {running.release}{asked}")
        click.echo(f"  {running.url or output.NO_URL}")
