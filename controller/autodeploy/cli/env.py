"""`autodeploy env`."""

from __future__ import annotations

from dataclasses import asdict

import click

from autodeploy.cli import applications, options, output

HIDDEN = "***"


@click.command()
@click.argument("application", shell_complete=options.applications)
@options.environment
@options.profile
@options.as_json
def env(*, application: str, environment: str | None, profile: str | None, as_json: bool) -> None:
    """Show the variables of APPLICATION's processes, and where each is from; no secret's value.

    \b
    Examples:
      autodeploy env shop -e staging
    """
    from autodeploy import conductor
    from autodeploy.cli import wiring

    known = applications.find(application, environment or "production")
    where = wiring.environment(wiring.settings_of(known, profile))
    found = conductor.variables(known, where, profile, output.Talk())
    if as_json:
        output.document([asdict(one) for one in found])
        return
    if known.live is None:
        output.say("nothing is live: what autodeploy.yml says is not known here")
    if not found:
        output.say(f"{application} ({known.environment}) gets no variable but PORT")
    else:
        from autodeploy.cli.stackpage import show_table, table

        rows = ((one.name, HIDDEN if one.value is None else one.value, one.origin) for one in found)
        show_table(table("variable", "value", "from", rows=rows))
