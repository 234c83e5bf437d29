"""`autodeploy restart`."""

from __future__ import annotations

import click

from autodeploy.cli import again, applications, options, outcome, output, ways


@click.command()
@click.argument("application", shell_complete=options.applications)
@options.environment
@options.profile
@options.lock_wait
@options.as_json
def restart(
    *,
    application: str,
    environment: str | None,
    profile: str | None,
    lock_wait: int | None,
    as_json: bool,
) -> int:
    """Start APPLICATION's processes anew: another release of what is live.

    It is started beside the one that serves, as each release is, and no request is lost.

    \b
    Examples:
      autodeploy restart shop -e staging
    """
    known = applications.find(application, environment or "production")
    state = again.release(known, profile, lock_wait, restarts=True)
    if as_json:
        output.document(ways.data(state))
    outcome.show(state, as_json=as_json)
    return output.deployment_exit_code(state)
