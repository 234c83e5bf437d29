"""`autodeploy lab`: the AWS-shaped cloud on this machine."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from pydantic import ValidationError

from autodeploy.cli import options, output
from autodeploy.errors import UsageError
from autodeploy.lab.faults import KINDS, Fault, FaultKind

if TYPE_CHECKING:
    from autodeploy.lab.info import LabInfo


@click.group()
def lab() -> None:
    """An AWS-shaped cloud on this machine: the API, and real Debian hosts behind it."""


@lab.command()
@options.as_json
def up(as_json: bool) -> None:
    """Start the lab where it does not run."""
    from autodeploy.lab import client

    _talk()
    info = client.up()
    _show(info, as_json)


@lab.command()
@options.as_json
def down(as_json: bool) -> None:
    """Take the lab away, with all its hosts."""
    from autodeploy.lab import client

    was_there = client.down()
    if as_json:
        _show(client.status(), as_json)
    else:
        click.echo("The lab is down." if was_there else "The lab does not run; nothing is left.")


@lab.command()
@options.as_json
def status(as_json: bool) -> None:
    """Show where the lab answers and which hosts it has."""
    from autodeploy.lab import client

    _show(client.status(), as_json)


@lab.command()
@click.option("--since", type=click.DateTime(), help="Only calls since then (UTC, ISO 8601).")
@options.as_json
def calls(since: datetime | None, as_json: bool) -> None:
    """List the calls that the API has answered."""
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
@click.argument("action")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--nth", type=click.IntRange(min=1), help="Only the call with this number.")
@click.option("--probability", type=click.FloatRange(0, 1), help="Each call, as likely as that.")
@click.option("--seed", type=int, default=0, help="What makes it the same calls each time.")
@click.option("--times", type=click.IntRange(min=1), help="At most so often.")
def fault(
    action: str,
    kind: FaultKind,
    nth: int | None,
    probability: float | None,
    seed: int,
    times: int | None,
) -> None:
    """Let calls of ACTION (ec2:RunInstances, rds:*) go wrong."""
    from autodeploy.lab import client

    try:
        wanted = Fault(
            action=action, kind=kind, nth=nth, probability=probability, seed=seed, times=times
        )
    except ValidationError as error:
        raise UsageError("that is no fault", cause=str(error)) from error
    client.add_fault(wanted)


@lab.command()
@click.option("--clear", is_flag=True, help="Plan none any more.")
@options.as_json
def faults(clear: bool, as_json: bool) -> None:
    """List the faults that are planned."""
    from autodeploy.lab import client

    if clear:
        client.clear_faults()
    planned = client.faults()
    if as_json:
        output.document([one.model_dump(mode="json") for one in planned])
        return
    for one in planned:
        click.echo(" ".join(f"{key}={value}" for key, value in one if value is not None))


@lab.command()
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
@click.option("--off", is_flag=True, help="Allow everything again.")
def policy(file: Path | None, off: bool) -> None:
    """Allow only what the IAM policy document in FILE allows."""
    from autodeploy.lab import client

    if (file is None) != off:
        raise UsageError("give either a file or --off")
    try:
        client.policy(None if file is None else json.loads(file.read_text(encoding="utf-8")))
    except ValueError as error:
        raise UsageError(f"{file} is not JSON", cause=str(error)) from error


@lab.command()
@click.argument("seconds", nargs=-1, metavar="[KIND=SECONDS]...")
@options.as_json
def delays(seconds: tuple[str, ...], as_json: bool) -> None:
    """Set how long things take (vpc=2, db-instance=5, visible=1); list what is set."""
    from autodeploy.lab import client

    try:
        pairs = (one.split("=") for one in seconds)
        wanted = {kind: float(number) for kind, number in pairs}
    except ValueError as error:
        raise UsageError("delays are given as KIND=SECONDS", cause=str(error)) from error
    found = client.delays(wanted)
    if as_json:
        output.document(found)
        return
    for kind, number in found.items():
        click.echo(f"{kind}={number:g}")


@lab.command()
@click.argument("name", required=False)
def snapshot(name: str | None) -> None:
    """Print everything that exists as one JSON document; keep it as NAME."""
    from autodeploy.lab import client

    output.document(client.snapshot(name))


@lab.command()
@options.yes
def reset(yes: bool) -> None:
    """Take away every resource of the lab, with its host, and begin anew."""
    from autodeploy.lab import client

    options.confirm("Take every resource of the lab away?", yes=yes)
    client.reset()


def _talk() -> None:
    """Say on stderr what takes long."""
    logger = logging.getLogger("autodeploy.lab")
    logger.addHandler(logging.StreamHandler())
    logger.setLevel(logging.INFO)


def _show(info: LabInfo, as_json: bool) -> None:
    if as_json:
        output.document(info.model_dump(mode="json"))
        return
    if not info.running:
        click.echo("The lab does not run; `autodeploy lab up` starts it.")
        return
    click.echo(f"The lab answers at {info.endpoint_url} ({info.region}).")
    click.echo(f"  export AWS_ENDPOINT_URL={info.endpoint_url} AWS_REGION={info.region}")
    click.echo("  export AWS_ACCESS_KEY_ID=lab AWS_SECRET_ACCESS_KEY=lab")
    for host in info.hosts:
        click.echo(f"{host.instance_id} {host.name} {host.address} {host.state}")
