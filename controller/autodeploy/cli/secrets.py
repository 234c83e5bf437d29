"""`autodeploy secrets`: variables whose values nobody is to see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from autodeploy.cli import (
    again,
    applications,
    existing,
    options,
    outcome,
    output,
    secretvalues,
    ways,
)
from autodeploy.cli.guessing import Guessing
from autodeploy.contracts import ApplicationState, DeploymentState
from autodeploy.errors import AutodeployError, NotDeployed, UsageError
from autodeploy.settings.file import nearest

if TYPE_CHECKING:
    from autodeploy.conductor import Change, Command

F = TypeVar("F", bound=Callable[..., Any])


@click.group(cls=Guessing)
def secrets() -> None:
    """Variables whose values nobody is to see: set them, take them away, list their names.

    A change makes a new release of the commit that is live.

    \b
    Examples:
      autodeploy secrets set shop STRIPE_KEY
      autodeploy secrets ls shop
    """


def _changing(command: F) -> F:
    """The options of what changes secrets."""
    for option in (
        options.as_json,
        options.lock_wait,
        click.option(
            "--release/--no-release",
            default=True,
            help="Make a release of what is live with them, or let the next deployment do so.",
        ),
        options.target,
        options.environment,
    ):
        command = option(command)
    return command


@secrets.command("set")
@click.argument("application", shell_complete=options.applications)
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@_changing
def set_(*, application: str, names: tuple[str, ...], **how: Any) -> int:
    """Set secrets of APPLICATION: each NAME is asked for, or read from stdin.

    \b
    Examples:
      autodeploy secrets set shop STRIPE_KEY
      pass show stripe | autodeploy secrets set shop STRIPE_KEY
    """
    from autodeploy.conductor import Change

    place = _Place.of(application, how)
    return _carry_out(place, Change(given=secretvalues.asked(names)), how)


@secrets.command()
@click.argument("application", shell_complete=options.applications)
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@_changing
def unset(*, application: str, names: tuple[str, ...], **how: Any) -> int:
    """Take secrets of APPLICATION away.

    \b
    Examples:
      autodeploy secrets unset shop STRIPE_KEY OLD_TOKEN
    """
    from autodeploy.conductor import Change

    place = _Place.of(application, how)
    there = place.known.secrets.names if place.known and place.known.secrets else {}
    for name in names:
        if name not in there:
            hint = nearest(name, there) or f"`autodeploy secrets ls {application}` lists them."
            raise UsageError(f"{application} has no secret {name}", remediation=hint)
    return _carry_out(place, Change(gone=frozenset(names)), how)


@secrets.command("import")
@click.argument("application", shell_complete=options.applications)
@click.argument("file")
@_changing
def import_(*, application: str, file: str, **how: Any) -> int:
    """Set what FILE says, with a line NAME=value for each; - is stdin. Others stay as they are.

    \b
    Examples:
      autodeploy secrets import shop production.env
      sops -d secrets.env | autodeploy secrets import shop -
    """
    from autodeploy.conductor import Change

    place = _Place.of(application, how)
    return _carry_out(place, Change(given=secretvalues.imported(file)), how)


@secrets.command()
@click.argument("application", shell_complete=options.applications)
@options.environment
@options.as_json
def ls(*, application: str, environment: str | None, as_json: bool) -> None:
    """List the secrets of APPLICATION: when each was set, and by whom; values are never shown.

    \b
    Examples:
      autodeploy secrets ls shop -e staging
    """
    known = applications.find(application, environment or "production")
    if as_json:
        output.document(_data(known))
    elif not _data(known):
        output.say(f"{application} ({known.environment}) has no secret")
    else:
        _page(known)


@dataclass(frozen=True)
class _Place:
    """Which application, and where; it need not be deployed yet."""

    known: ApplicationState | None
    command: Command

    @classmethod
    def of(cls, application: str, how: dict[str, Any]) -> _Place:
        from autodeploy.conductor import Command
        from autodeploy.settings import load

        named = ("environment", "target", "region", "profile", "lock_wait")
        flags = {**{one: how[one] for one in named}, "name": application}
        settings = load(flags)
        known = applications.store().application(application, settings.environment)
        settings = load(existing.stays(flags, known))
        if "target" not in settings.model_fields_set:
            raise NotDeployed(
                f"no application {application} in environment {settings.environment}",
                remediation="Where it is to be deployed only later, say where: --target lab, or "
                "--target aws --region REGION. `autodeploy status` lists what there is.",
            )
        return cls(known, Command(repository=None, name=application, flags={}, settings=settings))


def _carry_out(place: _Place, wanted: Change, how: dict[str, Any]) -> int:
    """Make the change, and a release with it."""
    from autodeploy import conductor
    from autodeploy.cli import wiring

    state = conductor.configure(place.command, wiring.environment(place.command.settings), wanted)
    released, failed = None, state.error
    if failed is None:
        _tell(state, wanted)
        try:
            released = _released(state, how)
        except AutodeployError as error:  # The secrets are set all the same: --json says both.
            failed = output.report(error)
    if failed:
        output.error(failed)
    if how["as_json"]:
        known = applications.find(state.application, state.environment)
        said = {"secrets": _data(known), "deployment": ways.data(released) if released else None}
        why = output.error_data(failed) if failed else None
        output.document({**output.deployment_data(state), **said, "error": why})
    if released is None:
        return failed.exit_code if failed else 0
    outcome.show(released, as_json=how["as_json"])
    return output.deployment_exit_code(released)


def _released(state: DeploymentState, how: dict[str, Any]) -> DeploymentState | None:
    """The release with them; None where nothing is live, or it was not asked for."""
    known = applications.find(state.application, state.environment)
    if known.live is None or not how["release"]:
        output.say("  the next deployment brings them to the application's processes")
        return None
    return again.release(known, how["profile"], how["lock_wait"])


def _tell(state: DeploymentState, wanted: Change) -> None:
    names = ", ".join(sorted([*wanted.given, *wanted.gone]))
    what = "changed" if state.changed else "as before"
    output.say(f"{state.application} ({state.environment}): {what}: {names}")


def _data(known: ApplicationState) -> list[dict[str, Any]]:
    names = known.secrets.names if known.secrets else {}
    return [{"name": one, **mark.model_dump(mode="json")} for one, mark in names.items()]


def _page(known: ApplicationState) -> None:
    from autodeploy.cli.stackpage import show_table, table

    assert known.secrets  # noqa: S101  narrows the type
    rows = ((name, f"{one.at:%Y-%m-%d %H:%M}", one.by) for name, one in known.secrets.names.items())
    show_table(table("secret", "set (UTC)", "by", rows=rows))
    live = known.live.deployment if known.live else None
    if live and live.secrets != known.secrets.version:
        output.say("what is live does not run with all of them: the next deployment will")
