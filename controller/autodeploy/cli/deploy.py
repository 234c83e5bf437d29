"""`autodeploy deploy`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from autodeploy.cli import options, outcome, output, ways
from autodeploy.contracts import OnFailure


@click.command()
@options.repository
@click.option("--ref", help="Branch, tag or commit (default: the repository's default branch).")
@click.option("--path", help="The application's folder in the repository (default: its root).")
@click.option("--refresh", is_flag=True, help="Look at AWS and the hosts even if nothing changed.")
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Do exactly what `plan --out` has kept there, or nothing.",
)
@options.on_failure
@click.option("--forks", type=int, help="On how many hosts Ansible works at once (default: 20).")
@click.option("--what-if", is_flag=True, help="Show what would be done, and change nothing.")
@options.detailed
@options.infrastructure
@options.identity
@options.lock_wait
@options.yes_data
@options.yes
@options.as_json
@click.pass_context
def deploy(
    context: click.Context,
    /,
    *,
    repository: str,
    ref: str | None,
    path: str | None,
    refresh: bool,
    plan_file: Path | None,
    what_if: bool,
    detailed: bool,
    on_failure: OnFailure | None,
    yes_data: bool,
    yes: bool,  # noqa: ARG001 - deploy asks nothing yet; scripts may always give it
    as_json: bool,
    **flags: Any,
) -> int:
    """Take REPOSITORY (a URL of git's, or a folder; default: here) to a running application.

    \b
    Examples:
      autodeploy deploy https://github.com/me/shop --target lab
      autodeploy deploy . -e staging --ref v1.2
    """
    if what_if and plan_file:
        raise click.UsageError("--what-if makes a plan, and --plan carries one out")
    if detailed and not what_if:
        raise click.UsageError("--detailed goes with --what-if: a deployment changes what it finds")
    if what_if:
        from autodeploy.cli.plan import plan

        given = {"repository": repository, "ref": ref, "path": path, "yes_data": yes_data}
        given["detailed"] = detailed
        context.invoke(plan, **given, as_json=as_json, **flags)
        return 0
    from autodeploy import conductor
    from autodeploy.cli import planfile, wiring

    approved = planfile.read(plan_file) if plan_file else None
    known = wiring.command_for(repository, ref, path, flags)
    command = replace(
        known,
        refresh=refresh,
        yes_data=yes_data,
        on_failure=on_failure or "keep",
        approved=approved,
    )
    environment = wiring.environment(command.settings)
    state = conductor.undo_failed(command, environment, conductor.deploy(command, environment))
    if as_json:
        output.document(ways.data(state))
    outcome.show(state, as_json=as_json)
    return output.deployment_exit_code(state)
