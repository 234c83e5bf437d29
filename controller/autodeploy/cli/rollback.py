"""`autodeploy rollback`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from autodeploy.cli import options, output, report, ways
from autodeploy.cli.destroy import what_goes
from autodeploy.contracts import ApplicationState, DeploymentState

if TYPE_CHECKING:
    from autodeploy.conductor import Removal, Switch


@click.command()
@click.argument("application")
@click.option("--to", "release", help="The release to go back to (default: the one before).")
@options.environment
@options.profile
@click.option("--yes-data", is_flag=True, help="Go back though data was migrated since.")
@options.yes
@options.as_json
def rollback(
    *,
    application: str,
    release: str | None,
    environment: str | None,
    profile: str | None,
    yes_data: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Undo APPLICATION's newest deployment: the release before takes the traffic again.

    APPLICATION may be the id of that deployment. Nothing is built, sent or migrated. A first
    deployment has nothing before it: all that it made is removed.
    """
    from autodeploy import conductor
    from autodeploy.cli import applications, wiring

    known = applications.find_by(application, environment or "production")
    way = conductor.what(known, release)
    options.confirm(_question(known, way), yes=yes)
    settings = wiring.settings_of(known, profile)
    command = conductor.Command(
        repository=None, name=known.application, flags={}, settings=settings, yes_data=yes_data
    )
    state = conductor.rollback(command, wiring.environment(settings), known, release)
    if as_json:
        output.document(ways.data(state))
    if isinstance(way, conductor.Removal):
        report.removed(state)
    else:
        _switched(state, way, as_json=as_json)
    return output.exit_code(state)


def _question(known: ApplicationState, way: Switch | Removal) -> str:
    undo = f"Undo {way.change.id} of {known.application} ({known.environment})"
    release = getattr(way, "release", None)
    if release is None:
        return f"{undo}, the first, and remove the application{what_goes(known)}?"
    return f"{undo}, back to release {release.release}?"


def _switched(state: DeploymentState, way: Switch, *, as_json: bool) -> None:
    if state.error:
        output.error(state.error)
        ways.say(state)
        return
    output.say(f"{state.application} ({state.environment}): release {way.release.release}")
    click.echo(way.present.url or output.NO_URL, err=as_json)
