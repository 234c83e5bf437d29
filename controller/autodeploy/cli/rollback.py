"""`autodeploy rollback`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from autodeploy.cli import options, output, report, ways
from autodeploy.cli.destroy import what_goes
from autodeploy.contracts import ApplicationState, DeploymentState, DeploymentStatus

if TYPE_CHECKING:
    from autodeploy.conductor import Removal, Switch


@click.command()
@click.argument("application")
@click.option("--to", "release", help="The release to go back to (default: the one before).")
@options.environment
@options.profile
@click.option("--yes-data", is_flag=True, help="Go back though data was migrated since.")
@options.lock_wait
@options.yes
@options.as_json
def rollback(
    *,
    application: str,
    release: str | None,
    environment: str | None,
    profile: str | None,
    yes_data: bool,
    lock_wait: int | None,
    yes: bool,
    as_json: bool,
) -> int:
    """Undo APPLICATION's newest deployment: the release before takes the traffic again.

    APPLICATION may be the id of that deployment. Nothing is built, sent or migrated. A first
    deployment has nothing before it: all that it made is removed.
    """
    from autodeploy import conductor
    from autodeploy.cli import applications, wiring

    where = environment or "production"
    if release is None and (done := _undone_already(application, where)):
        if as_json:
            output.document(ways.data(done))
        return 0
    known = applications.find_by(application, where)
    way = conductor.what(known, release)
    options.confirm(_question(known, way), yes=yes)
    settings = wiring.settings_of(known, profile, lock_wait)
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


def _undone_already(called: str, where: str) -> DeploymentState | None:
    """The deployment, where the same command has undone it before; then that is said."""
    from autodeploy.cli import applications

    store = applications.store()
    if called in store.ids():
        last, change = store.state(called), None
    else:
        known = applications.find(called, where)
        last, change = known.last, known.change
        if change and (known.earlier or change.status is not DeploymentStatus.COMPLETED):
            return None
    if last.status is not DeploymentStatus.ROLLED_BACK:
        return None
    output.say(f"{last.id} of {last.application} is undone already: nothing was changed")
    if change:
        output.say(f"  what serves is the first deployment: `autodeploy rollback {change.id}`")
        output.say("  removes the application")
    return last


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
    report.warnings(state)
    click.echo(way.present.url or output.NO_URL, err=as_json)
