"""`autodeploy prices`."""

from __future__ import annotations

from typing import Any

import click

from autodeploy.cli import options, output
from autodeploy.cli.guessing import Guessing
from autodeploy.errors import RegionUnavailable, UsageError


@click.group(cls=Guessing)
def prices() -> None:
    """The prices that costs are reckoned by: show them, and read them anew.

    \b
    Examples:
      autodeploy prices show
      autodeploy prices refresh --region eu-west-1
    """


@prices.command()
@options.target
@options.as_json
def show(*, as_json: bool, **flags: Any) -> None:
    """Show the prices that hold in a region, of when they are, and where they are from.

    \b
    Examples:
      autodeploy prices show --region eu-west-1
    """
    from autodeploy import conductor
    from autodeploy.cli.stackpage import show_table, table

    try:
        found = conductor.prices(_environment(flags))
    except RegionUnavailable as error:
        error.remediation = f"{error.remediation} For the lab's prices give --target lab."
        raise
    if as_json:
        output.document(found.model_dump(mode="json"))
        return
    rows = [(name, f"{one:f}") for source in found.sources for name, one in source.prices.items()]
    show_table(table("price", "USD", rows=sorted(rows)))
    for one in found.sources:
        output.say(f"{len(one.prices)} of {one.date}: {one.source}")
    if not rows:
        output.say(f"no prices are known in {found.region}: `autodeploy prices refresh`")


@prices.command()
@options.target
@options.as_json
def refresh(*, as_json: bool, **flags: Any) -> None:
    """Ask AWS for a region's prices; they hold on this machine from then on.

    It takes the action pricing:GetProducts. Where the answer is no whole list, nothing changes.

    \b
    Examples:
      autodeploy prices refresh --region eu-west-1
    """
    from autodeploy import conductor

    found, path = conductor.refresh_prices(_environment(flags), output.say)
    number = sum(len(one.prices) for one in found.sources)
    if as_json:
        output.document({"region": found.region, "prices": number, "file": str(path)})
    else:
        output.say(f"{number} prices of {found.region} are in {path}")


def _environment(flags: dict[str, Any]) -> Any:
    from autodeploy.cli import wiring
    from autodeploy.settings import load

    settings = load(flags)
    if settings.target == "ssh":
        raise UsageError("hosts that exist have no prices", remediation="Give --target aws or lab.")
    return wiring.onlooker(settings)
