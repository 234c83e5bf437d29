"""`autodeploy hosts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from autodeploy.cli import applications, hostcare, options, output
from autodeploy.cli.guessing import Guessing

if TYPE_CHECKING:
    from autodeploy.conductor import ShownHost


@click.group(cls=Guessing)
def hosts() -> None:
    """What an application runs on: its hosts, newer packages for them, others in their place.

    \b
    Examples:
      autodeploy hosts ls shop
      autodeploy hosts upgrade shop
    """


for command in hostcare.COMMANDS:
    hosts.add_command(command)


@hosts.command()
@click.argument("application", shell_complete=options.applications)
@options.environment
@options.profile
@options.as_json
def ls(*, application: str, environment: str | None, profile: str | None, as_json: bool) -> None:
    """Show APPLICATION's hosts, and how each is now.

    \b
    Examples:
      autodeploy hosts ls shop
    """
    from autodeploy import conductor
    from autodeploy.cli import wiring

    known = applications.find(application, environment or "production")
    settings = wiring.settings_of(known, profile)
    found = conductor.hosts(known, wiring.onlooker(settings))
    if as_json:
        output.document([_data(one) for one in found])
    elif found:
        _page(found)
    else:
        output.say(f"{application} ({known.environment}) has no host yet")


def _data(one: ShownHost) -> dict[str, Any]:
    return {
        "name": one.host.name,
        "address": one.host.address,
        "instance_id": one.host.instance_id,
        "zone": one.zone,
        "instance_type": one.instance_type,
        "release": one.release,
        "since": one.since.isoformat() if one.since else None,
        "health": one.health,
    }


def _page(found: list[ShownHost]) -> None:
    from autodeploy.cli.stackpage import show_table, table

    titles = ("host", "address", "zone", "type", "release", "since (UTC)", "health")
    show_table(table(*titles, rows=(_row(one) for one in found)))


def _row(one: ShownHost) -> tuple[str, ...]:
    return (
        one.host.name,
        one.host.address,
        one.zone or "-",
        one.instance_type or "-",
        one.release or "-",
        f"{one.since:%Y-%m-%d %H:%M}" if one.since else "-",
        one.health or "-",
    )
