"""A database's own clients on this machine, by engine; nothing of ours speaks its protocol here."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from autodeploy.contracts import Database
from autodeploy.deployer.database.access import Access
from autodeploy.deployer.database.engine import Engine, Use
from autodeploy.deployer.database.mysql import MySql
from autodeploy.deployer.database.postgresql import PostgreSql
from autodeploy.deployer.database.variables import local_url
from autodeploy.errors import DatabaseFailed, ToolMissing

CHUNK = 1024 * 1024


ENGINES: Mapping[str, Engine] = {"postgresql": PostgreSql(), "mysql": MySql()}


@dataclass(frozen=True)
class Client:
    """An engine's clients, and the way that they go while a tunnel is open."""

    engine: Engine
    access: Access
    environment: Mapping[str, str] = field(repr=False)

    def shell(self, words: Sequence[str]) -> int:
        """Let the user talk to the database, and give the client's exit code."""
        # Ctrl-C ends a query there: what it means is the client's to say.
        before = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            line = self.engine.shell(self.access, words)
            return subprocess.run(line, env=self.environment, check=False).returncode
        finally:
            signal.signal(signal.SIGINT, before)

    def url(self, instead: str | None) -> str:
        """For other tools on this machine; with something instead of the password, or with it."""
        access = self.access
        password = access.password if instead is None else instead
        return local_url(access.database, password, access.port, access.authorities)


@contextmanager
def client(database: Database, port: int, authorities: Path, password: str) -> Iterator[Client]:
    """A database's clients; what they read the password from is gone with the `with`.

    Args:
        database: The database.
        port: The TCP port of this machine's loopback that leads to it.
        authorities: The file of those that the server's certificate may come from.
        password: The application's user's.
    """
    engine = ENGINES[database.engine]
    with os.fdopen(os.memfd_create("autodeploy"), "w") as secrets:
        access = Access(database, port, authorities, password, secrets)
        yield Client(engine, access, engine.environment(access))


def refuse_missing(database: Database, use: Use) -> None:
    """Refuse to begin a use that a program is missing for.

    Raises:
        ToolMissing: The machine lacks it.
    """
    engine = ENGINES[database.engine]
    missing = [one for one in engine.programs[use] if shutil.which(one) is None]
    if missing:
        raise ToolMissing(
            f"{', '.join(missing)} is not on this machine",
            cause=f"the database is {engine.name}'s, and its own clients speak to it",
            remediation=f"Install them, in Debian `apt-get install {engine.package}`.",
        )


def printed(engine: Engine, line: list[str], environment: Mapping[str, str]) -> Generator[bytes]:
    """What a program prints, as it comes.

    Raises:
        DatabaseFailed: It does not end well.
        ToolMissing: It is older than the server.
    """
    with tempfile.TemporaryFile() as said:
        running = subprocess.Popen(
            line, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said
        )
        assert running.stdout  # noqa: S101 - for mypy: it is a pipe
        try:
            while chunk := running.stdout.read(CHUNK):
                yield chunk
            running.wait()
        finally:
            running.kill()
            running.communicate()
        if running.returncode:
            raise failed(engine, line[0], said)


def failed(engine: Engine, program: str, said: IO[bytes]) -> DatabaseFailed | ToolMissing:
    """What a program's end means, by what it has said."""
    said.seek(0)
    text = said.read().decode(errors="replace").strip()
    if engine.too_old and engine.too_old in text:
        return ToolMissing(
            f"{program} on this machine is older than the database's server",
            cause=text,
            remediation=f"Install {engine.package}-N for the server's version N or a later one; "
            f"{engine.name}'s own package repository has those that Debian has not.",
        )
    return DatabaseFailed(f"{program} did not do its work", cause=text or None)
