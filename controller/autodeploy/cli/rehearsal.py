"""The commands of `autodeploy lab` that rehearse what goes wrong, and begin anew."""

from __future__ import annotations

import json
from pathlib import Path

import click

from autodeploy.cli import options, output
from autodeploy.errors import UsageError
from autodeploy.lab.faults import KINDS, Fault, FaultKind


@click.command()
@click.argument("action")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--when", multiple=True, metavar="NAME=VALUE", help="Only with that parameter.")
@click.option("--nth", type=click.IntRange(min=1), help="Only the call with this number.")
@click.option("--probability", type=click.FloatRange(0, 1), help="Each call, as likely as that.")
@click.option("--seed", type=int, default=0, help="What makes it the same calls each time.")
@click.option("--times", type=click.IntRange(min=1), help="At most so often.")
def fault(
    action: str,
    kind: FaultKind,
    when: tuple[str, ...],
    nth: int | None,
    probability: float | None,
    seed: int,
    times: int | None,
) -> None:
    """Let calls of ACTION (ec2:RunInstances, rds:*) go wrong.

    \b
    Examples:
      autodeploy lab fault ec2:RunInstances no-capacity --times 1
      autodeploy lab fault 'rds:*' throttling --probability 0.3
    """
    from autodeploy.lab import client

    try:
        wanted = Fault(
            action=action,
            kind=kind,
            when=_pairs(when),
            nth=nth,
            probability=probability,
            seed=seed,
            times=times,
        )
    except ValueError as error:
        raise UsageError("that is no fault", cause=str(error)) from error
    client.add_fault(wanted)


def _pairs(said: tuple[str, ...]) -> dict[str, str]:
    """NAME=VALUE, several of them; a ValueError where one is not that."""
    return dict(one.split("=", 1) for one in said)


@click.command()
@click.option("--clear", is_flag=True, help="Plan none any more.")
@options.as_json
def faults(clear: bool, as_json: bool) -> None:
    """List the faults that are planned.

    \b
    Examples:
      autodeploy lab faults
      autodeploy lab faults --clear
    """
    from autodeploy.lab import client

    if clear:
        client.clear_faults()
    planned = client.faults()
    if as_json:
        output.document([one.model_dump(mode="json") for one in planned])
        return
    for one in planned:
        click.echo(" ".join(f"{key}={value}" for key, value in one if value not in (None, {})))


@click.command()
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
@click.option("--off", is_flag=True, help="Allow everything again.")
def policy(file: Path | None, off: bool) -> None:
    """Allow only what the IAM policy document in FILE allows.

    \b
    Examples:
      autodeploy lab policy policy.json
      autodeploy lab policy --off
    """
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
    """Set how long things take (vpc=2, db-instance=5, visible=1); list what is set.

    \b
    Examples:
      autodeploy lab delays
      autodeploy lab delays vpc=2 db-instance=5
    """
    from autodeploy.lab import client

    _numbers(client.delays(_wanted(seconds, "delays are given as KIND=SECONDS")), as_json=as_json)


@click.command()
@click.argument("values", nargs=-1, metavar="[CODE=VALUE]...")
@options.as_json
def quotas(values: tuple[str, ...], as_json: bool) -> None:
    """Set how much the account may have (L-F678F1CE=5); list what is set.

    \b
    Examples:
      autodeploy lab quotas
      autodeploy lab quotas L-F678F1CE=5
    """
    from autodeploy.lab import client

    _numbers(client.quotas(_wanted(values, "quotas are given as CODE=VALUE")), as_json=as_json)


def _wanted(said: tuple[str, ...], form: str) -> dict[str, float]:
    try:
        return {name: float(number) for name, number in _pairs(said).items()}
    except ValueError as error:
        raise UsageError(form, cause=str(error)) from error


def _numbers(found: dict[str, float], *, as_json: bool) -> None:
    if as_json:
        output.document(found)
        return
    for name, number in found.items():
        click.echo(f"{name}={number:g}")


@click.command()
@click.argument("name", required=False)
def snapshot(name: str | None) -> None:
    """Print everything that exists as one JSON document; keep it as NAME.

    \b
    Examples:
      autodeploy lab snapshot > before.json
    """
    from autodeploy.lab import client

    output.document(client.snapshot(name))


@click.command()
@options.yes
def reset(yes: bool) -> None:
    """Take away every resource of the lab, with its host, and begin anew.

    \b
    Examples:
      autodeploy lab reset --yes
    """
    from autodeploy.lab import client

    options.confirm("Take every resource of the lab away?", yes=yes)
    client.reset()


COMMANDS = (fault, faults, policy, delays, quotas, snapshot, reset)
