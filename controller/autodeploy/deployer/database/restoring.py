"""A dump put back, and what is known of the database where that has not ended well."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import IO

from autodeploy import stopping
from autodeploy.deployer.database.clients import Client, failed, printed
from autodeploy.deployer.database.dumps import Heard


class Restoring:
    """All that the application has in its database is replaced by what a dump holds.

    Where the engine can, all of it or nothing. The application's user owns everything then.

    Attributes:
        is_undone: Whether the database is, for certain, as it was before.
    """

    def __init__(self, client: Client, file: Path, heard: Heard) -> None:
        """Nothing is done yet.

        Args:
            client: The database's clients.
            file: The dump; it was found to be whole.
            heard: Told of the SQL's bytes.
        """
        self._client = client
        self._file = file
        self._heard = heard
        self.is_undone = True

    def carry_out(self) -> None:
        """Do it, unless the right to is lost or the user asks to stop meanwhile.

        Raises:
            DatabaseFailed: The database refused it.
            Exception: As `stopping.check`.
        """
        engine = self._client.engine
        with (
            tempfile.TemporaryFile() as said,
            closing(printed(engine, engine.script(self._file), os.environ)) as dumped,
        ):
            line = engine.restore(self._client.access)
            code = self._run(line, said, engine.statements(self._client.access, dumped))
            if code:
                self.is_undone = self.is_undone or code == engine.undone
                stopping.check()
                raise failed(engine, line[0], said)

    def _run(self, line: list[str], said: IO[bytes], statements: Iterable[bytes]) -> int:
        running = subprocess.Popen(
            line,
            env=self._client.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        assert running.stdin  # noqa: S101 - for mypy: it is a pipe
        try:
            # It may wait for a table that somebody keeps locked.
            with stopping.heard(running.kill):
                # Where it ends early, its exit code and what it said tell why.
                with suppress(BrokenPipeError):
                    self._feed(running.stdin, statements)
                return running.wait()
        finally:
            running.kill()
            with suppress(BrokenPipeError):
                running.communicate()

    def _feed(self, into: IO[bytes], statements: Iterable[bytes]) -> None:
        engine = self._client.engine
        stopping.check()
        stopping.guard()
        self.is_undone = engine.undone is not None
        for chunk in statements:
            into.write(chunk)
            self._heard(len(chunk))
        stopping.guard()
        self.is_undone = False
        into.write(engine.end)
        into.close()
