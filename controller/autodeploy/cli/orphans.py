"""`autodeploy orphans`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import click

from autodeploy.cli import options, output
from autodeploy.contracts import Orphan, Orphans
from autodeploy.errors import UsageError


@click.command()
@options.target
@options.detailed_exitcode
@options.as_json
def orphans(
    *,
    target: str | None,
    region: str | None,
    profile: str | None,
    detailed_exitcode: bool,
    as_json: bool,
) -> int:
    """Show what bears autodeploy's tags in the account and is in no state of this machine.

    Another machine may know it: look before you remove anything.

    \b
    Examples:
      autodeploy orphans --region eu-west-1
    """
    from autodeploy import conductor
    from autodeploy.cli import wiring
    from autodeploy.settings import load

    settings = load({"target": target, "region": region, "profile": profile})
    if settings.target == "ssh":
        raise UsageError("hosts that exist bear no tags", remediation="Give --target aws or lab.")
    found = conductor.orphans(wiring.onlooker(settings))
    if as_json:
        output.document({**found.model_dump(mode="json"), **_costs(found.orphans)})
    else:
        _show(found)
    return 2 if detailed_exitcode and found.orphans else 0


def _costs(found: Iterable[Orphan]) -> dict[str, object]:
    known = [one.monthly_usd for one in found]
    return {
        "monthly_usd": round(sum(one for one in known if one is not None), 2),
        "prices_not_known": known.count(None),
    }


def _show(found: Orphans) -> None:
    for owner, each in groupby(found.orphans, key=lambda one: (one.application, one.environment)):
        of_one = list(each)
        click.echo(output.plain(f"{owner[0]} ({owner[1]}): {_total(of_one)}"))
        for one in of_one:
            kind, identifier = one.resource.type, one.resource.id
            click.echo(output.plain(f"  {kind:<42} {_price(one.monthly_usd):>14}  {identifier}"))
        for way in dict.fromkeys(one.removal for one in of_one):
            click.echo(output.plain(f"  remove: {way}"))
    if not found.orphans:
        output.say(f"nothing in {found.region} is without a state here")
        return
    output.say(f"\n{found.region}: {_total(found.orphans)}; prices: {found.prices}")
    output.say("another machine may have their state: look before you remove anything")


def _total(found: Iterable[Orphan]) -> str:
    costs = _costs(found)
    unknown = costs["prices_not_known"]
    more = f", and {unknown} whose price is not known" if unknown else ""
    return f"{costs['monthly_usd']:.2f} USD a month{more}"


def _price(monthly: float | None) -> str:
    if monthly is None:
        return "not known"
    return f"{monthly:.2f} USD" if monthly else "free"
