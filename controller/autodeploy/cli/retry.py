"""`autodeploy retry`."""

from __future__ import annotations

import click

from autodeploy.cli import options, outcome, output, ways
from autodeploy.contracts import OnFailure


@click.command()
@click.argument("application", shell_complete=options.applications_or_ids)
@options.environment
@options.profile
@options.on_failure
@options.lock_wait
@options.as_json
def retry(
    *,
    application: str,
    environment: str | None,
    profile: str | None,
    on_failure: OnFailure | None,
    lock_wait: int | None,
    as_json: bool,
) -> int:
    """Let APPLICATION's newest deployment, which failed or was stopped, go on.

    APPLICATION may be the id of that deployment. The commit and the options are the same; what was
    built, made and prepared is used.

    \b
    Examples:
      autodeploy retry shop
      autodeploy retry shop -e staging -v
    """
    from autodeploy import conductor
    from autodeploy.cli import applications, wiring

    known = applications.find_by(application, environment or "production")
    command = conductor.again(known, profile, lock_wait, on_failure)
    at = wiring.environment(command.settings)
    state = conductor.undo_failed(command, at, conductor.retry(command, at, known))
    if as_json:
        output.document(ways.data(state))
    outcome.show(state, as_json=as_json)
    return output.deployment_exit_code(state)
