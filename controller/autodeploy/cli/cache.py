"""`autodeploy cache`: what builds keep on this machine, and how to be rid of it."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import click

from autodeploy.cli import options, output
from autodeploy.cli.guessing import Guessing
from autodeploy.printable import printable

if TYPE_CHECKING:
    from autodeploy.compiler.kept import Kept

UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
MONTH = 30 * UNITS["d"]


@click.group(cls=Guessing)
def cache() -> None:
    """The cache of builds: layers, toolchains, downloads and clones.

    \b
    Examples:
      autodeploy cache ls
      autodeploy cache prune
    """


def _age(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    found = re.fullmatch(r"(\d{1,6})([mhdw])", value)
    if not found:
        raise click.BadParameter("is a number and m, h, d or w, such as 7d")
    return int(found[1]) * UNITS[found[2]]


@cache.command()
@options.as_json
def ls(as_json: bool) -> None:
    """Show what is kept, how large it is and when it was last used.

    \b
    Examples:
      autodeploy cache ls --json
    """
    from autodeploy import paths
    from autodeploy.compiler.kept import listed

    found = listed(paths.home() / "cache")
    if as_json:
        output.document([_data(one) for one in found])
        return
    for one in found:
        _show(one)
    click.echo(f"{_bytes(sum(one.size for one in found))} in {paths.home() / 'cache'}")


@cache.command()
@click.option("--all", "everything", is_flag=True, help="Take everything.")
@click.option(
    "--older-than",
    callback=_age,
    help="Take what was not used for this long: 12h, 7d, ... (default: 30d).",
)
@options.as_json
def prune(*, everything: bool, older_than: int | None, as_json: bool) -> None:
    """Take away what builds have not used for long, and what was left half-made.

    All of it comes again with the next build that needs it.

    \b
    Examples:
      autodeploy cache prune --older-than 7d
      autodeploy cache prune --all
    """
    from autodeploy import paths
    from autodeploy.compiler import kept
    from autodeploy.errors import UsageError

    if everything and older_than is not None:
        raise UsageError("--all and --older-than say different things")
    age = 0 if everything else MONTH if older_than is None else older_than
    taken, busy = kept.prune(paths.home() / "cache", age)
    if as_json:
        output.document({"freed": sum(one.size for one in taken), "taken": list(map(_data, taken))})
    for one in [] if as_json else taken:
        _show(one)
    if busy:
        output.say("a build is running: what was used within a day stays", fg="yellow")
    if not as_json:
        click.echo(f"freed {_bytes(sum(one.size for one in taken))}")


def _data(one: Kept) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "name": one.name,
        "size": one.size,
        "unused_for": max(0, int(time.time() - one.used)),
        "commands": list(one.commands),
    }


def _show(one: Kept) -> None:
    name = one.name[:12] if one.kind in {"dependencies", "source"} else one.name
    commands = printable("; ".join(one.commands))[:60]
    age = _span(time.time() - one.used)
    click.echo(f"{one.kind:<13} {_bytes(one.size):>9}  {age:>4}  {name}  {commands}".rstrip())


def _span(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{int(seconds // length)}{unit}"
    return "now"


def _bytes(size: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"
