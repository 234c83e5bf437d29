"""A database's dumps: made, and looked at."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from autodeploy.deployer.database.clients import ENGINES, Client, printed
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
    line = client.engine.dump(client.access)
    # Its name is nobody's, and nobody's file is taken for it, in a folder that others write to.
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".partial", dir=file.parent)
    partial = Path(name)
    try:
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


def _edges(file: Path) -> tuple[bytes, bytes]:
    with file.open("rb") as opened:
        first = opened.read(EDGE)
        opened.seek(max(0, file.stat().st_size - EDGE))
        return first, opened.read()
