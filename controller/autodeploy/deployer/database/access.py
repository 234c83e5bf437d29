"""How this machine's own clients come to an application's database, and what they must not tell."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from autodeploy.contracts import Database


@dataclass(frozen=True)
class Access:
    """The way to a database while a tunnel leads there.

    Attributes:
        database: The database.
        port: The TCP port of this machine's loopback that leads to it.
        authorities: The file of those that the server's certificate may come from.
        password: The application's user's.
        secrets: A file in this process's memory: a client that runs meanwhile reads its password
            there, and however this process ends, none is left anywhere.
    """

    database: Database
    port: int
    authorities: Path
    password: str = field(repr=False)
    secrets: IO[str] = field(repr=False)

    def keep(self, text: str) -> str:
        """Write what only this user may read, and give the path for a client."""
        os.fchmod(self.secrets.fileno(), 0o600)
        self.secrets.write(text)
        self.secrets.flush()
        return self.path

    @property
    def path(self) -> str:
        """Where a client finds what was kept."""
        return f"/proc/{os.getpid()}/fd/{self.secrets.fileno()}"


def surroundings(prefixes: tuple[str, ...], own: Mapping[str, str]) -> dict[str, str]:
    """A client's environment: ours, and of the user's what does not lead it elsewhere."""
    kept = {name: one for name, one in os.environ.items() if not name.startswith(prefixes)}
    return {**kept, **own}
