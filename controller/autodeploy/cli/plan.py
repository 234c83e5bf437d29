"""`autodeploy plan`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from autodeploy.cli import options, output


@click.command()
@click.argument("repository")
@click.option("--ref", help="Branch, tag or commit (default: the repository's default branch).")
@click.option("--path", help="The application's folder in the repository (default: its root).")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are changes.")
@options.infrastructure
@options.identity
@options.yes_data
@options.as_json
def plan(
    *,
    repository: str,
    ref: str | None = None,
    path: str | None = None,
    detailed_exitcode: bool = False,
    yes_data: bool = False,
    as_json: bool = False,
    **flags: Any,
) -> int:
    """Show what deploying REPOSITORY would do to each resource, and change nothing."""
    from autodeploy import conductor
    from autodeploy.cli import wiring

    command = replace(wiring.command_for(repository, ref, path, flags), yes_data=yes_data)
    planned = conductor.plan(command, wiring.environment(command.settings), output.Talk())
    if as_json:
        fields = {"type", "action", "reason"}
        output.document(
            {
                "resources": [
                    one.model_dump(mode="json", include=fields) for one in planned.actions
                ],
                "monthly_cost": None,
                "timeline": [],
                "downtime": {"seconds": 0, "reason": "a new release starts beside the old one"},
            }
        )
    else:
        if command.settings.target == "ssh":
            click.echo("nothing is provisioned: the hosts exist, and were found fit")
        for one in planned.actions:
            click.echo(f"{one.action:<8} {one.type:<28} {one.key}: {one.reason}")
    return 2 if detailed_exitcode and planned.changes else 0
