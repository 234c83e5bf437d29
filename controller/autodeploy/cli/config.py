"""`autodeploy config`: what an application's settings are, and whether its file is right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autodeploy.cli import options, output
from autodeploy.cli.guessing import Guessing
from autodeploy.errors import UsageError

if TYPE_CHECKING:
    from autodeploy.conductor import Setting
    from autodeploy.settings import SettingsFile


@click.group(cls=Guessing)
def config() -> None:
    """The settings of an application: autodeploy.yml, and what stands over and below it.

    \b
    Examples:
      autodeploy config show --origin
      autodeploy config validate
    """


@config.command()
@click.argument("folder", default=".", type=click.Path(exists=True, file_okay=False))
@options.as_json
def validate(*, folder: str, as_json: bool) -> None:
    """Check autodeploy.yml in FOLDER (default: here), for each environment that it names.

    \b
    Examples:
      autodeploy config validate
      autodeploy config validate shop --json
    """
    from autodeploy.settings import FILE, from_repository

    file = from_repository(Path(folder))
    wrong = list(dict.fromkeys(_wrong(file)))
    if wrong:
        raise UsageError(
            f"{FILE} is not valid", cause="\n".join(wrong), remediation=f"Mend {FILE} there."
        )
    warnings = _doubtful(file)
    if as_json:
        environments = sorted(file.overlays)
        output.document({"valid": True, "environments": environments, "warnings": warnings})
    elif not (Path(folder) / FILE).exists():
        output.say(f"there is no {FILE}, and none is needed where `autodeploy plan` is right")
    else:
        said = f"; environments: {', '.join(sorted(file.overlays))}" if file.overlays else ""
        output.say(f"{FILE} is valid{said}")
        for one in warnings:
            output.say(f"  warning: {one}")


def _doubtful(file: SettingsFile) -> list[str]:
    """What is valid, and seldom meant."""
    from autodeploy.settings import doubtful

    said = (file.values, *file.overlays.values())
    return doubtful(
        {name for one in said for key in ("env", "secrets") for name in one.get(key, {})}
    )


def _wrong(file: SettingsFile) -> list[str]:
    from autodeploy.settings import laid, validated

    found: list[str] = []
    for environment in ("production", *file.overlays):
        try:
            validated(laid({"environment": environment}, file, environ={}))
        except UsageError as error:
            found += (error.cause or "").splitlines()
    return found


@config.command()
@click.argument("repository", default=".")
@click.option("--ref", help="Branch, tag or commit (default: the repository's default branch).")
@click.option("--path", help="The application's folder in the repository (default: its root).")
@click.option("--origin", is_flag=True, help="Say where each comes from.")
@options.infrastructure
@options.identity
@options.as_json
def show(
    *,
    repository: str,
    ref: str | None,
    path: str | None,
    origin: bool,
    as_json: bool,
    **flags: Any,
) -> None:
    """Show every setting as it holds for REPOSITORY (default: here) with these options.

    \b
    Examples:
      autodeploy config show . -e staging --origin
      autodeploy config show . --hosts 2 --json
    """
    from autodeploy import conductor
    from autodeploy.cli import wiring

    command = wiring.command_for(repository, ref, path, flags)
    found = conductor.configuration(command, wiring.environment(command.settings), output.Talk())
    if as_json:
        output.document(_data(found))
    else:
        _page(found, origin=origin)


def _data(found: list[Setting]) -> list[dict[str, Any]]:
    return [
        {"setting": "/".join(one.keys), "value": one.value, "origin": one.origin} for one in found
    ]


def _page(found: list[Setting], *, origin: bool) -> None:
    from autodeploy.cli.stackpage import show_table, table

    titles = ("setting", "value", *(["from"] if origin else []))
    rows = (("/".join(one.keys), _shown(one.value), one.origin)[: len(titles)] for one in found)
    show_table(table(*titles, rows=rows))


def _shown(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "-"
    if isinstance(value, bool):
        return str(value).lower()
    return "-" if value in (None, {}) else str(value)
