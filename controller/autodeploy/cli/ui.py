"""`autodeploy ui`."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime

import click

from autodeploy import paths
from autodeploy.cli import applications, options, outfile, output
from autodeploy.errors import UsageError
from autodeploy.origin import extra

NEEDS = ("starlette", "uvicorn")


@click.command()
@options.state
@options.profile
@click.option("--port", type=click.IntRange(1024, 65535), help="Default: one that is free.")
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
@click.pass_context
def ui(context: click.Context, *, profile: str | None, port: int | None, opens: bool) -> None:  # noqa: ARG001 - applications.store
    """Serve pages of all applications and deployments, with their logs as they go on.

    To this machine alone, and to whoever has the address that is printed; they change nothing.
    Ctrl-C ends it.

    \b
    Examples:
      autodeploy ui --open
      autodeploy ui --port 8700
    """
    if any(importlib.util.find_spec(one) is None for one in NEEDS):
        raise UsageError("what serves the pages is not installed", remediation=extra("ui"))
    from autodeploy.cli.web.access import Access
    from autodeploy.cli.web.addresses import application
    from autodeploy.cli.web.reader import Reader
    from autodeploy.cli.web.server import listening, server

    applications.store()  # What is wrong with its place is told here, and not by each page.
    with listening(port) as socket, suppress(KeyboardInterrupt):
        access = Access(socket.getsockname()[1])
        click.echo(access.address)
        output.say("Whoever has this address may read; Ctrl-C ends it.")
        with _browser(access.address, access.port) if opens else nullcontext():
            server(application(Reader(context), access)).run(sockets=[socket])


@contextmanager
def _browser(address: str, port: int) -> Iterator[None]:
    """A browser opens the address meanwhile.

    By a file of the user's own: a program's arguments are there for everybody to read.
    """
    import webbrowser

    from autodeploy.pages import site

    file = paths.private_folder(paths.home() / "ui") / f"{port}.html"
    outfile.write(file, site.entry(address, datetime.now(UTC)))

    def open_() -> None:
        if not webbrowser.open(file.as_uri()):
            output.say("no browser could be opened: open the address yourself", fg="yellow")

    try:
        # Some browsers take the terminal, and come back when they are closed.
        threading.Thread(target=open_, daemon=True).start()
        yield
    finally:
        file.unlink(missing_ok=True)
