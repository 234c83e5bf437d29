"""The commands of `autodeploy lab` that rehearse what goes wrong, and begin anew."""

from __future__ import annotations

import json
from pathlib import Path

import click
from pydantic import ValidationError

from autodeploy.cli import options, output
from autodeploy.errors import UsageError
from autodeploy.lab.faults import KINDS, Fault, FaultKind


@click.command()
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


@click.command()
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


@click.command()
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


@click.command()
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


@click.command()
@click.argument("name", required=False)
def snapshot(name: str | None) -> None:
    """Print everything that exists as one JSON document; keep it as NAME."""
    from autodeploy.lab import client

    output.document(client.snapshot(name))


@click.command()
@options.yes
def reset(yes: bool) -> None:
    """Take away every resource of the lab, with its host, and begin anew."""
    from autodeploy.lab import client

    options.confirm("Take every resource of the lab away?", yes=yes)
    client.reset()


COMMANDS = (fault, faults, policy, delays, snapshot, reset)
