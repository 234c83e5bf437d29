"""MySQL's clients, which are MariaDB's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import MappingProxyType

from autodeploy.deployer.database.access import Access, surroundings
from autodeploy.deployer.database.engine import Engine
from autodeploy.runner import LOOPBACK

LOCK_SECONDS = 60


class MySql(Engine):
    """See Engine. It commits each statement that makes a table: a restore can stop half way."""

    name = "MySQL"
    package = "mariadb-client"
    programs = MappingProxyType(
        {"tunnel": (), "shell": ("mariadb",), "dumps": ("mariadb", "mariadb-dump")}
    )
    beginning = re.compile(rb"(/\*M?!\d+[^\n]*\n)?-- (MariaDB|MySQL) dump")
    ending = re.compile(rb"\n-- Dump completed[^\n]*\n*$")

    def environment(self, access: Access) -> dict[str, str]:
        """See Engine.

        The server's certificate must come from its authorities. Its name cannot be compared: these
        clients take it from where they connect to, and that is the tunnel.
        """
        quoted = access.password.replace("\\", "\\\\").replace('"', '\\"')
        options = f"""[client]
protocol=tcp
host={LOOPBACK}
port={access.port}
user={access.database.user}
password="{quoted}"
ssl-ca={access.authorities}
default-character-set=utf8mb4
"""
        access.keep(options)
        return surroundings(("MYSQL_", "MARIADB_"), {})

    def shell(self, access: Access, words: Sequence[str]) -> list[str]:
        """See Engine."""
        return ["mariadb", _options(access), f"--database={access.database.name}", *words]

    def dump(self, access: Access) -> list[str]:
        """See Engine. All of it is of one moment."""
        whole = ("--single-transaction", "--quick", "--routines", "--triggers", "--events")
        # Tablespaces take a right that no application has.
        fewer = ("--no-tablespaces", access.database.name)
        return ["mariadb-dump", _options(access), *whole, *fewer]

    def script(self, file: Path) -> list[str]:
        """See Engine. It is SQL."""
        return ["cat", str(file)]

    def statements(self, access: Access, dumped: Iterator[bytes]) -> Iterator[bytes]:
        """See Engine. What the user may do in the database stays where that is made anew."""
        name = access.database.name
        # A process that keeps a table is not waited for, else for a year; all others queue behind.
        wait = f"SET SESSION lock_wait_timeout={LOCK_SECONDS}"
        yield f"{wait}; DROP DATABASE `{name}`; CREATE DATABASE `{name}`; USE `{name}`;\n".encode()
        yield from dumped

    def restore(self, access: Access) -> list[str]:
        """See Engine."""
        return ["mariadb", _options(access), "--batch"]


def _options(access: Access) -> str:
    return f"--defaults-file={access.path}"
