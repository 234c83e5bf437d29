"""`autodeploy rollback`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from autodeploy.cli import options, outcome, output, ways
from autodeploy.cli.destroy import what_goes
from autodeploy.contracts import ApplicationState, DeploymentState, DeploymentStatus

if TYPE_CHECKING:
    from autodeploy.conductor import Removal, Switch


@click.command()
@click.argument("application", shell_complete=options.applications_or_ids)
@click.option(
    "--to",
    "release",
    help="The release to go back to, by its name or its version in `releases`, such as v8 "
    "(default: the one before).",
)
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

    \b
    Examples:
      autodeploy rollback shop
      autodeploy rollback shop -e staging --yes
    """
    from autodeploy import conductor
    from autodeploy.cli import applications, wiring

    where = environment or "production"
    if release is None and (done := _undone_already(application, where)):
        if as_json:
            output.document(ways.data(done))
        return 0
    known = applications.find_by(application, where)
    runs = applications.store().states(known.application, known.environment)
    release = conductor.release_called(release, runs, known)
    way = conductor.what(known, release)
    back = conductor.secrets_back(way, known, runs)
    options.confirm(_question(known, way, back), yes=yes)
    settings = wiring.settings_of(known, profile, lock_wait)
    command = conductor.Command(
        repository=None, name=known.application, flags={}, settings=settings, yes_data=yes_data
    )
    state = conductor.rollback(command, wiring.environment(settings), known, release)
    if as_json:
        output.document({**ways.data(state), "secrets_back": [] if state.error else back})
    if isinstance(way, conductor.Removal):
        outcome.removed(state)
    else:
        _switched(state, way, back, as_json=as_json)
    return output.exit_code(state)


def _undone_already(called: str, where: str) -> DeploymentState | None:
    """The deployment, where the same command has undone it before; then that is said."""
    from autodeploy.cli import applications

    store = applications.store()
    if called in store.ids():
        last, known = store.state(called), None
    else:
        known = applications.find(called, where)
        last = known.last
    if last.status is not DeploymentStatus.ROLLED_BACK:
        return None
    output.say(f"{last.id} of {last.application} is undone already: nothing was changed")
    if known and known.change:
        output.say(_further(known, known.change))
    return last


def _further(known: ApplicationState, change: DeploymentState) -> str:
    """How more than the newest deployment is undone."""
    undo = f"`autodeploy rollback {change.id}`"
    if not known.earlier and change.status is DeploymentStatus.COMPLETED:
        return f"  what serves is the first deployment: {undo}\n  removes the application"
    named = f"{known.application} -e {known.environment}"
    return (
        f"  further back: {undo}\n  or to any release: `autodeploy rollback {named} --to RELEASE`"
    )


def _question(known: ApplicationState, way: Switch | Removal, back: list[str]) -> str:
    undo = f"Undo {way.change.id} of {known.application} ({known.environment})"
    release = getattr(way, "release", None)
    if release is None:
        return f"{undo}, the first, and remove the application{what_goes(known)}?"
    secrets = f" and the secrets of then ({', '.join(back)})" if back else ""
    return f"{undo}, back to release {release.release}{secrets}?"


def _switched(state: DeploymentState, way: Switch, back: list[str], *, as_json: bool) -> None:
    if state.error:
        output.error(state.error)
        ways.say(state)
        return
    output.say(f"{state.application} ({state.environment}): release {way.release.release}")
    if back:
        output.say(f"  the secrets of then hold again: {', '.join(back)}", fg="yellow")
    outcome.warnings(state)
    click.echo(way.present.url or output.NO_URL, err=as_json)
