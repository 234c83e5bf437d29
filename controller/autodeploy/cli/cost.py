"""`autodeploy cost`."""

from __future__ import annotations

import click

from autodeploy.cli import applications, options, output
from autodeploy.contracts import ApplicationCost, ApplicationState, ApplicationStatus
from autodeploy.errors import CloudError


@click.command()
@click.argument("application", shell_complete=options.applications, required=False)
@options.environment
@options.profile
@options.as_json
def cost(
    *, application: str | None, environment: str | None, profile: str | None, as_json: bool
) -> int:
    """Show what APPLICATION costs in a month as it is there now (default: all applications).

    AWS is asked what there is; the prices are those of `autodeploy prices show`. Where one cannot
    be asked about, the others are all the same, and the exit code is 1.

    \b
    Examples:
      autodeploy cost
      autodeploy cost shop -e staging --json
    """
    from autodeploy import conductor
    from autodeploy.cli import wiring

    wanted, found = _wanted(application, environment), list[ApplicationCost]()
    for one in wanted:
        try:
            settings = wiring.settings_of(one, profile)
            found.append(conductor.cost(one, wiring.onlooker(settings)))
        except CloudError as error:
            output.error(output.report(error, one.application))
    if as_json:
        output.document([one.model_dump(mode="json") for one in found])
    else:
        _show(found)
    return 1 if len(found) < len(wanted) else 0


def _wanted(name: str | None, environment: str | None) -> list[ApplicationState]:
    if name:
        return [applications.find(name, environment or "production")]
    pairs = applications.store().applications()
    known = [applications.find(*one) for one in pairs if environment in {None, one[1]}]
    return [one for one in known if not (_is_gone(one) or _never_was(one))]


def _is_gone(known: ApplicationState) -> bool:
    """Whether nothing is left of it, not even a snapshot of its database."""
    return known.status is ApplicationStatus.DESTROYED and not known.last.snapshots


def _never_was(known: ApplicationState) -> bool:
    """Whether nothing of it was ever made: each deployment was refused before that."""
    runs = applications.store().states(known.application, known.environment)
    return not any(
        one.resources or one.intended or one.hosts or one.snapshots or one.secrets for one in runs
    )


def _show(found: list[ApplicationCost]) -> None:
    from autodeploy.cli import costpage
    from autodeploy.cli.stackpage import plain
    from autodeploy.contracts.costwords import total

    console = output.console()
    for one in found:
        title = f"{one.application} ({one.environment}) on {one.target}"
        console.print(plain(title, style="bold"), soft_wrap=True)
        if one.cost is None:
            console.print("  hosts that exist: their prices are not AWS's")
            continue
        costpage.show(one.cost, console)
        costpage.show_suggestions(one.suggestions, console)
    if not found:
        output.say("nothing is deployed; `autodeploy orphans` shows what no state here has")
    elif len(found) > 1:
        together = total([one.cost for one in found if one.cost])
        console.print(plain(f"\ntogether {together} USD a month", style="bold"))
