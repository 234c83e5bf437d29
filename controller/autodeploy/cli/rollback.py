"""`autodeploy rollback`."""

from __future__ import annotations

import click

from autodeploy.cli import options, output


@click.command()
@click.argument("application")
@options.environment
@options.profile
@options.lock_wait
@options.yes
@options.as_json
def rollback(
    *,
    application: str,
    environment: str | None,
    profile: str | None,
    lock_wait: int | None,
    yes: bool,
    as_json: bool,
) -> int:
    """Undo APPLICATION's newest deployment: the release before takes the traffic again.

    APPLICATION may be the id of that deployment. Nothing is built, sent or migrated.
    """
    from autodeploy import conductor
    from autodeploy.cli import applications, wiring

    known = applications.find_by(application, environment or "production")
    way = conductor.what(known)
    target = way.release
    options.confirm(
        f"Undo {way.change.id} of {known.application} ({known.environment}), "
        f"back to release {target.release}?",
        yes=yes,
    )
    settings = wiring.settings_of(known, profile, lock_wait)
    command = conductor.Command(
        repository=None, name=known.application, flags={}, settings=settings
    )
    state = conductor.rollback(command, wiring.environment(settings), known)
    if as_json:
        output.document(output.deployment_data(state))
    if state.error:
        output.error(state.error)
    else:
        output.say(f"{known.application} ({known.environment}): release {target.release}")
        click.echo(way.present.url or output.NO_URL, err=as_json)
    return output.exit_code(state)
