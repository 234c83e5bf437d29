"""`autodeploy destroy`."""

from __future__ import annotations

import click

from autodeploy.cli import options, output


@click.command()
@click.argument("application")
@options.environment
@options.yes
@options.as_json
def destroy(*, application: str, environment: str | None, yes: bool, as_json: bool) -> int:
    """Remove APPLICATION: everything that is tagged with it is gone afterwards."""
    from autodeploy import conductor
    from autodeploy.cli import applications, wiring

    known = applications.find(application, environment or "production")
    options.confirm(
        f"Remove {application} ({known.environment}) with its {len(known.resources)} resources?",
        yes=yes,
    )
    settings = wiring.settings_of(known)
    command = conductor.Command(repository=None, name=application, flags={}, settings=settings)
    state = conductor.destroy(command, wiring.environment(settings))
    if as_json:
        output.document(output.deployment_data(state))
    if state.error:
        output.error(state.error)
    else:
        output.say(f"{application} ({known.environment}) is removed")
    return output.exit_code(state)
