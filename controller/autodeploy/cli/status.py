"""`autodeploy status`."""

from __future__ import annotations

from typing import Any

import click

from autodeploy.cli import options, output
from autodeploy.contracts import DeploymentState


@click.command()
@click.argument("application", required=False)
@options.environment
@options.as_json
def status(*, application: str | None, environment: str | None, as_json: bool) -> None:
    """Show the newest deployment of APPLICATION, or of every application."""
    from autodeploy.cli import wiring

    if application:
        states = [wiring.newest(application, environment or "production")]
    else:
        pairs = wiring.store().applications()
        chosen = [pair for pair in pairs if environment in {None, pair[1]}]
        states = [wiring.newest(name, where) for name, where in chosen]
    if as_json:
        shown = [_data(state) for state in states]
        output.document(shown[0] if application else shown)
        return
    if not states:
        output.say("nothing is deployed; `autodeploy deploy REPOSITORY` is the way to begin")
    for state in states:
        _show(state)


def _data(state: DeploymentState) -> dict[str, Any]:
    """Everything that the state holds, and beside it what `deploy --json` shows."""
    return {**state.model_dump(mode="json"), **output.deployment_data(state)}


def _show(state: DeploymentState) -> None:
    running = state.deployment
    click.echo(f"{state.application} ({state.environment}, {state.target})")
    click.echo(f"  {state.operation} {state.id}: {state.status}")
    click.echo(f"  started {state.created_at:%Y-%m-%d %H:%M:%S} UTC")
    if state.completed_at:
        click.echo(f"  ended   {state.completed_at:%Y-%m-%d %H:%M:%S} UTC")
    if state.repository:
        click.echo(f"  from {state.repository} at {state.commit or 'a folder'}")
    for host in state.hosts:
        click.echo(f"  {host.name}  {host.address}  {host.instance_id or ''}")
    for resource in state.resources:
        click.echo(f"  {resource.type:<28} {resource.id}")
    if running:
        click.echo(f"  release {running.release}, {running.health_path} → {running.health_status}")
        click.echo(f"  {running.url}")
    if state.error:
        output.error(state.error)
