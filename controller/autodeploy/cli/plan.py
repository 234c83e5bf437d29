"""`autodeploy plan`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from autodeploy.cli import costpage, forecastpage, options, output
from autodeploy.contracts import SavedPlan


@click.command()
@options.repository
@click.option("--ref", help="Branch, tag or commit (default: the repository's default branch).")
@click.option("--path", help="The application's folder in the repository (default: its root).")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the plan there, for `deploy --plan`.",
)
@options.detailed
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
    out: Path | None = None,
    detailed: bool = False,
    detailed_exitcode: bool = False,
    yes_data: bool = False,
    as_json: bool = False,
    **flags: Any,
) -> int:
    """Show what deploying REPOSITORY (default: here) would do, and change nothing.

    \b
    Examples:
      autodeploy plan . -e staging
      autodeploy plan . --out shop.plan
      autodeploy plan . --hosts 2 --load-balancer --json
    """
    from autodeploy import conductor
    from autodeploy.cli import planfile, planpage, wiring

    command = replace(wiring.command_for(repository, ref, path, flags), yes_data=yes_data)
    environment = wiring.onlooker(command.settings)
    saved = conductor.plan(command, environment, output.Talk(), detailed=detailed)
    if out:
        planfile.write(out, saved)
    if as_json:
        output.document(_data(saved))
    else:
        planpage.show(saved)
    if out:
        output.say(f"\nkept in {out}: `autodeploy deploy` with --plan {out} does that and no other")
    return 2 if detailed_exitcode and saved.plan.changes else 0


def _data(saved: SavedPlan) -> dict[str, Any]:
    fields = {"key", "type", "action", "reason", "properties"}
    return {
        "subject": saved.subject.model_dump(exclude={"inputs"}),
        "release": saved.release,
        "summary": saved.plan.summary,
        "resources": [one.model_dump(mode="json", include=fields) for one in saved.plan.actions],
        "monthly_cost": costpage.rounded(saved.cost.after.monthly) if saved.cost else None,
        "cost": costpage.change_data(saved.cost) if saved.cost else None,
        "on_hosts": None
        if saved.on_hosts is None
        else [one.model_dump(mode="json") for one in saved.on_hosts],
        **(forecastpage.data(saved.forecast) if saved.forecast else {}),
    }
