"""How this machine's own clients come to an application's database, and what they must not tell."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autodeploy.contracts import Database

AUTHORITIES = "authorities.pem"


@dataclass(frozen=True)
class Access:
    """The way to a database while a tunnel leads there.

    Attributes:
        database: The database.
        port: The TCP port of this machine's loopback that leads to it.
        password: The application's user's.
        folder: A private folder that ends with the tunnel; the authorities' certificates are in it.
    """

    database: Database
    port: int
    password: str = field(repr=False)
    folder: Path

    @property
    def authorities(self) -> Path:
        """The file of the authorities that the server's certificate may come from."""
        return self.folder / AUTHORITIES

    def keep(self, name: str, text: str) -> Path:
        """Write a file that nobody else can read, and give its path."""
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text)
        return path


def surroundings(prefixes: tuple[str, ...], own: Mapping[str, str]) -> dict[str, str]:
    """A client's environment: ours, and of the user's what does not lead it elsewhere."""
    kept = {name: one for name, one in os.environ.items() if not name.startswith(prefixes)}
    return {**kept, **own}
