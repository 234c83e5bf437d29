"""`autodeploy db`: an application's managed database, from this machine."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autodeploy.cli import applications, options, output
from autodeploy.cli.guessing import Guessing
from autodeploy.contracts import ApplicationState
from autodeploy.errors import UsageError

if TYPE_CHECKING:
    from autodeploy.deployer.database import Client


@click.group(cls=Guessing)
def db() -> None:
    """The managed database of an application, through a tunnel and with TLS.

    The database's own clients are needed on this machine: psql and pg_dump, or mariadb.

    \b
    Examples:
      autodeploy db shell shop
      autodeploy db backup shop --out shop.dump
    """


@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("application", shell_complete=options.applications)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@options.environment
@options.profile
def shell(
    *, application: str, words: tuple[str, ...], environment: str | None, profile: str | None
) -> int:
    """Open psql, or mariadb, on APPLICATION's database, as the application's own user.

    What follows `--` is for the client.

    \b
    Examples:
      autodeploy db shell shop
      autodeploy db shell shop -- -c 'select count(*) from orders'
    """
    from autodeploy import conductor

    known, where = _there(application, environment, profile)
    with conductor.database_client(known, where, "shell") as client:
        return client.shell(words)


@db.command()
@click.argument("application", shell_complete=options.applications)
@click.option("--reveal", is_flag=True, help="With the password.")
@click.option("--tunnel", is_flag=True, help="For tools on this machine; open until Ctrl-C.")
@options.environment
@options.profile
@options.as_json
def url(
    *,
    application: str,
    reveal: bool,
    tunnel: bool,
    environment: str | None,
    profile: str | None,
    as_json: bool,
) -> None:
    """Print the DATABASE_URL that APPLICATION has, its password hidden.

    \b
    Examples:
      autodeploy db url shop
      autodeploy db url shop --reveal --tunnel
    """
    from autodeploy import conductor

    known, where = _there(application, environment, profile)
    if not tunnel:
        _print_url(conductor.database_url(known, where, reveal=reveal), as_json=as_json)
        return

    def opened(client: Client) -> None:
        _print_url(client.url(None if reveal else conductor.HIDDEN), as_json=as_json)
        output.say("the tunnel is open until Ctrl-C")

    conductor.database_tunnel(known, where, opened)


@db.command()
@click.argument("application", shell_complete=options.applications)
@click.option("--out", "file", type=click.Path(path_type=Path), help="The file to write.")
@options.environment
@options.profile
@options.as_json
def backup(
    *,
    application: str,
    file: Path | None,
    environment: str | None,
    profile: str | None,
    as_json: bool,
) -> None:
    """Write all that is in APPLICATION's database into a file that only you can read.

    Default: APPLICATION-ENVIRONMENT-DATE.dump here. It is read back before it gets its name.

    \b
    Examples:
      autodeploy db backup shop
      autodeploy db backup shop -e staging --out shop.dump
    """
    from autodeploy import conductor, deployer

    known, where = _there(application, environment, profile)
    to = _unused(file or _default(known))
    began = time.monotonic()
    with _progress("dumped") as heard, conductor.database_client(known, where) as client:
        deployer.database.backup(client, to, heard)
    size, seconds = to.stat().st_size, round(time.monotonic() - began, 1)
    if as_json:
        output.document({"file": str(to), "bytes": size, "seconds": seconds})
    else:
        click.echo(to)
        output.say(f"{_shown(size)} in {seconds} s, read back whole")


@db.command()
@click.argument("application", shell_complete=options.applications)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--backup/--no-backup", "keeps", default=True, help="Back up first (the default).")
@click.option("--yes-data", is_flag=True, help="With --yes: replace the data without any question.")
@options.environment
@options.profile
@options.lock_wait
@options.yes
@options.as_json
def restore(
    *,
    application: str,
    file: Path,
    keeps: bool,
    yes_data: bool,
    environment: str | None,
    profile: str | None,
    lock_wait: int | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Replace all that is in APPLICATION's database by what FILE, from `db backup`, holds.

    What is there now is backed up first. PostgreSQL restores all of it or nothing; MySQL can stop
    half way. The application's processes run on: for them the data changes at once.

    \b
    Examples:
      autodeploy db restore shop shop.dump -e staging
    """
    from autodeploy import conductor
    from autodeploy.cli import wiring

    known, where = _there(application, environment, profile)
    settings = wiring.settings_of(known, profile, lock_wait)
    command = conductor.Command(repository=None, name=application, flags={}, settings=settings)
    before = _unused(_default(known, "-before-restore")) if keeps else None
    options.confirm(
        f"Replace all that is in the database of {application} ({known.environment}) by {file}?",
        yes=yes,
    )
    _confirm_by_name(known, yes_data=yes and yes_data)
    with _progress("read") as heard:
        conductor.restore_database(command, where, file, before, heard)
    if as_json:
        output.document({"file": str(file), "backup": str(before) if before else None})
    output.say(f"{application} ({known.environment}) has the data of {file} now")
    output.say("its processes ran on: what they keep in memory may be of the data before")


def _print_url(url: str, *, as_json: bool) -> None:
    if as_json:
        output.document({"url": url})
    else:
        click.echo(url)


def _there(
    application: str, environment: str | None, profile: str | None
) -> tuple[ApplicationState, Any]:
    """The application, and where the Conductor works."""
    from autodeploy.cli import wiring

    known = applications.find(application, environment or "production")
    return known, wiring.environment(wiring.settings_of(known, profile))


def _default(known: ApplicationState, more: str = "") -> Path:
    now = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    return Path(f"{known.application}-{known.environment}-{now}{more}.dump")


def _unused(file: Path) -> Path:
    """The file, which nothing is lost by.

    Raises:
        UsageError: It is there already, or its folder is not.
    """
    if file.exists():
        raise UsageError(f"{file} is there already", remediation="Give another --out.")
    if not file.parent.is_dir():
        raise UsageError(f"there is no folder {file.parent}", remediation="Make it first.")
    return file


def _confirm_by_name(known: ApplicationState, *, yes_data: bool) -> None:
    """Go on only where the user types the application's name.

    Raises:
        UsageError: There is no terminal to ask on, or another name was typed.
    """
    if yes_data:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            "the application's name cannot be asked for: there is no terminal",
            remediation="Give --yes and --yes-data to agree beforehand.",
        )
    typed = click.prompt("What is there now goes. Type the application's name", err=True)
    if typed != known.application:
        raise UsageError(f"{typed} is another name: nothing was changed")


@contextmanager
def _progress(verb: str) -> Iterator[Callable[[int], None]]:
    """Shows on a terminal how much there was so far, by what is told of it."""
    total = 0
    with output.console(stderr=True).status("connecting") as status:

        def heard(count: int) -> None:
            nonlocal total
            total += count
            status.update(f"{_shown(total)} {verb}")

        yield heard


def _shown(size: int) -> str:
    from rich.filesize import decimal

    return decimal(size)
