"""`autodeploy drift`."""

from __future__ import annotations

import click

from autodeploy.cli import options, output
from autodeploy.contracts import Difference, Drift

MENDED = (
    "`autodeploy deploy REPOSITORY --refresh` mends AWS and what hosts are prepared with; a new "
    "release has whole files again (docs/drift.md)"
)


@click.command()
@click.argument("application", shell_complete=options.applications)
@options.environment
@options.profile
@options.detailed_exitcode
@options.as_json
def drift(
    *,
    application: str,
    environment: str | None,
    profile: str | None,
    detailed_exitcode: bool,
    as_json: bool,
) -> int:
    """Show what is otherwise than APPLICATION's live deployment left it, and change nothing.

    AWS is compared with the state and the settings, the hosts with the roles in check mode, and
    the release's files with what was built.

    \b
    Examples:
      autodeploy drift shop
      autodeploy drift shop -e staging --detailed-exitcode
    """
    from autodeploy import conductor
    from autodeploy.cli import applications, wiring

    known = applications.find(application, environment or "production")
    settings = wiring.settings_of(known, profile)
    output.say(f"looking at {application} and its hosts; nothing is changed")
    found = conductor.drift(known, settings, wiring.environment(settings))
    if as_json:
        output.document(found.model_dump(mode="json"))
    else:
        _show(application, found)
    return 2 if detailed_exitcode and found.differences else 0


def _show(application: str, found: Drift) -> None:
    for one in found.differences:
        click.echo(f"{_place(one)}: {one.kind}")
        for line in one.reason:
            click.echo(f"    {output.plain(line)}")
    for what in found.unchecked:
        output.say(f"not compared: {what}", fg="yellow")
    if found.differences:
        output.say(f"\n{MENDED}")
    else:
        output.say(f"{application} is as {found.deployment} left it")


def _place(one: Difference) -> str:
    identifier = f" ({one.id})" if one.id else ""
    return output.plain(f"{one.host or one.type}  {one.what}{identifier}")
