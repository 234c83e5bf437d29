"""A database's dumps: made, looked at, put back."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import IO

from autodeploy.deployer.database.clients import ENGINES, Client, failed, printed
from autodeploy.deployer.database.engine import Engine
from autodeploy.errors import DatabaseFailed, DumpRefused

Heard = Callable[[int], object]
"""Told of bytes that were read."""
EDGE = 512
"""Bytes at a dump's beginning and end that say what it is."""


def backup(client: Client, file: Path, heard: Heard) -> None:
    """Write a dump that is whole, or nothing. Nobody else can read it.

    Args:
        client: The database's clients.
        file: Where; there is no such file yet.
        heard: Told of its bytes.

    Raises:
        DatabaseFailed: The database could not be dumped.
        ToolMissing: The clients are too old.
    """
    partial = file.with_name(f".{file.name}.partial")
    line = client.engine.dump(client.access)
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with (
            open(descriptor, "wb") as out,  # noqa: PTH123 - it is open already
            closing(printed(client.engine, line, client.environment)) as dumped,
        ):
            for chunk in dumped:
                out.write(chunk)
                heard(len(chunk))
            out.flush()
            os.fsync(out.fileno())
        refuse_broken(client.engine, partial)
        partial.rename(file)
    finally:
        partial.unlink(missing_ok=True)


def refuse_broken(engine: Engine, file: Path) -> None:
    """Refuse what is no whole dump of the engine's; all of it is read.

    Raises:
        DumpRefused: It is not.
    """
    first, last = _edges(file)
    if not engine.beginning.match(first):
        others = [one.name for one in ENGINES.values() if one.beginning.match(first)]
        raise DumpRefused(
            f"{file} is no dump of {engine.name}",
            cause=f"it is one of {others[0]}" if others else None,
        )
    if engine.ending and not engine.ending.search(last):
        raise DumpRefused(f"{file} is not whole", cause="its last line is missing")
    try:
        with closing(printed(engine, engine.script(file), os.environ)) as dumped:
            for _ in dumped:
                pass
    except DatabaseFailed as error:
        raise DumpRefused(f"{file} cannot be read", cause=error.cause) from error


def restore(client: Client, file: Path, heard: Heard) -> None:
    """Replace all that the application has in its database by what a dump holds.

    Where the engine can, all of it or nothing. The application's user owns everything then.

    Args:
        client: The database's clients.
        file: The dump; it was found to be whole.
        heard: Told of the SQL's bytes.

    Raises:
        DatabaseFailed: The database refused it.
    """
    engine, line = client.engine, client.engine.restore(client.access)
    with (
        tempfile.TemporaryFile() as said,
        closing(printed(engine, engine.script(file), os.environ)) as dumped,
    ):
        running = subprocess.Popen(
            line,
            env=client.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        assert running.stdin  # noqa: S101 - for mypy: it is a pipe
        try:
            # Where it ends early, its exit code and what it said tell why.
            with suppress(BrokenPipeError):
                _feed(running.stdin, engine.statements(client.access, dumped), heard)
            running.wait()
        finally:
            running.kill()
            with suppress(BrokenPipeError):
                running.communicate()
        if running.returncode:
            raise failed(engine, line[0], said)


def _feed(into: IO[bytes], chunks: Iterable[bytes], heard: Heard) -> None:
    for chunk in chunks:
        into.write(chunk)
        heard(len(chunk))
    into.close()


def _edges(file: Path) -> tuple[bytes, bytes]:
    with file.open("rb") as opened:
        first = opened.read(EDGE)
        opened.seek(max(0, file.stat().st_size - EDGE))
        return first, opened.read()
