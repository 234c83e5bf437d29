"""`autodeploy maintenance`."""

from __future__ import annotations

import click

from autodeploy.cli import applications, options, output


@click.command()
@click.argument("switch", metavar="on|off", type=click.Choice(["on", "off"]))
@click.argument("application", shell_complete=options.applications)
@options.environment
@options.profile
@options.lock_wait
@options.as_json
def maintenance(
    *,
    switch: str,
    application: str,
    environment: str | None,
    profile: str | None,
    lock_wait: int | None,
    as_json: bool,
) -> None:
    """Let APPLICATION's visitors meet a page with status 503, or the application again.

    The application runs on behind it, and deployments go on. The page is the repository's
    maintenance.html, if it has one. Workers and timers are let be.

    \b
    Examples:
      autodeploy maintenance on shop
      autodeploy maintenance off shop
    """
    from autodeploy import conductor
    from autodeploy.cli import wiring

    known = applications.find(application, environment or "production")
    settings = wiring.settings_of(known, profile, lock_wait)
    command = conductor.Command(repository=None, name=application, flags={}, settings=settings)
    shown = switch == "on"
    conductor.maintenance(command, wiring.environment(settings), shown=shown)
    if as_json:
        output.document({"application": application, "maintenance": shown})
    met = "the page of maintenance" if shown else "the application"
    output.say(f"visitors of {application} ({known.environment}) meet {met}")
