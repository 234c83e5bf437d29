"""`autodeploy lab`: the AWS-shaped cloud on this machine."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from autodeploy.cli import labtalk, options, output, rehearsal
from autodeploy.cli.guessing import Guessing

if TYPE_CHECKING:
    from autodeploy.lab.info import LabInfo

CONFIRM = "aws sns confirm-subscription --topic-arn {topic} --token {token}"


@click.group(cls=Guessing)
def lab() -> None:
    """An AWS-shaped cloud on this machine: the API, and real Debian hosts behind it.

    \b
    Examples:
      autodeploy lab up
      autodeploy deploy . --target lab
      autodeploy lab down
    """


for command in rehearsal.COMMANDS:
    lab.add_command(command)


@lab.command()
@options.as_json
def up(as_json: bool) -> None:
    """Start the lab where it does not run.

    \b
    Examples:
      autodeploy lab up
    """
    from autodeploy.lab import client

    with labtalk.told(None):
        info = client.up()
    _show(info, as_json)


@lab.command()
@options.as_json
def down(as_json: bool) -> None:
    """Take the lab away, with all its hosts.

    \b
    Examples:
      autodeploy lab down
    """
    from autodeploy.lab import client

    was_there = client.down()
    if as_json:
        _show(client.status(), as_json)
    else:
        click.echo("The lab is down." if was_there else "The lab does not run; nothing is left.")


@lab.command()
@options.as_json
def status(as_json: bool) -> None:
    """Show where the lab answers and which hosts it has.

    \b
    Examples:
      autodeploy lab status
    """
    from autodeploy.lab import client

    _show(client.status(), as_json)


@lab.command()
@click.option("--since", type=click.DateTime(), help="Only calls since then (UTC, ISO 8601).")
@options.as_json
def calls(since: datetime | None, as_json: bool) -> None:
    """List the calls that the API has answered.

    \b
    Examples:
      autodeploy lab calls
      autodeploy lab calls --since 2026-11-27T11:00:00 --json
    """
    from autodeploy.lab import client

    found = client.calls(since.replace(tzinfo=UTC) if since else None)
    if as_json:
        output.document([call.model_dump(mode="json") for call in found])
        return
    for call in found:
        asked = " ".join(f"{key}={json.dumps(value)}" for key, value in call.parameters.items())
        said = f"{call.milliseconds:.0f}ms {call.error or 'ok'} {asked}".rstrip()
        click.echo(f"{call.time:%Y-%m-%dT%H:%M:%S.%fZ} {call.action} {said}")


@lab.command()
@options.as_json
def mail(as_json: bool) -> None:
    """Show the mails that people would have to confirm, and the token that does it.

    \b
    Examples:
      autodeploy lab mail
    """
    from autodeploy.lab import admin

    waiting = admin.mail()
    if as_json:
        output.document(waiting)
        return
    for one in waiting:
        click.echo(f"{one['to']}: {CONFIRM.format_map(one)}")
    if not waiting:
        click.echo("no mail waits for anybody")


@lab.command()
@click.option(
    "--acme", is_flag=True, help="That of the ACME authority, another one with each `up`."
)
@options.as_json
def ca(acme: bool, as_json: bool) -> None:
    """Print the certificate of the authority that signs the databases' certificates.

    \b
    Examples:
      autodeploy lab ca > lab.pem
      autodeploy lab ca --acme > acme.pem
    """
    from autodeploy.lab import admin, client

    pem = admin.acme_root() if acme else client.ca()
    if as_json:
        output.document({"certificate": pem})
    else:
        click.echo(pem, nl=False)


def _show(info: LabInfo, as_json: bool) -> None:
    if as_json:
        output.document(info.model_dump(mode="json"))
        return
    if not info.running:
        click.echo("The lab does not run; `autodeploy lab up` starts it.")
        return
    click.echo(f"The lab answers at {info.endpoint_url} ({info.region}).")
    click.echo(f"  export AWS_ENDPOINT_URL={info.endpoint_url}")
    click.echo(f"  export AWS_REGION={info.region} AWS_DEFAULT_REGION={info.region}")
    click.echo("  export AWS_ACCESS_KEY_ID=lab AWS_SECRET_ACCESS_KEY=lab")
    click.echo(
        f"Route 53's zones: dig @{info.name_server} NAME. On hosts, ACME: {info.acme_directory}"
    )
    for host in info.hosts:
        click.echo(f"{host.instance_id} {host.name} {host.address} {host.state}")
