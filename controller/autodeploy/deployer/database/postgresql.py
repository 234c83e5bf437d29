"""PostgreSQL's clients."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import MappingProxyType

from autodeploy.deployer.database.access import Access, surroundings
from autodeploy.deployer.database.engine import Engine
from autodeploy.runner import LOOPBACK

EMPTY = Path(__file__).with_name("postgresql_empty.sql")
"""Begins a transaction and drops all that the user owns; what follows it must commit."""
# Said by pg_restore since 17, whatever the server is; older servers do not know it.
SINCE_17 = b"SET transaction_timeout = 0;\n"


class PostgreSql(Engine):
    """See Engine. What is restored comes into one transaction, or not at all."""

    name = "PostgreSQL"
    package = "postgresql-client"
    programs = MappingProxyType(
        {"tunnel": (), "shell": ("psql",), "dumps": ("psql", "pg_dump", "pg_restore")}
    )
    beginning = re.compile(rb"PGDMP")
    undone = 3
    end = b"COMMIT;\n"
    too_old = "server version mismatch"

    def environment(self, access: Access) -> dict[str, str]:
        """See Engine. The server is told by its name, for which its certificate must be."""
        database = access.database
        known = (database.host, str(access.port), database.name, database.user, access.password)
        line = ":".join(re.sub(r"([\\:])", r"\\\1", one) for one in known)
        own = {
            "PGHOST": database.host,
            "PGHOSTADDR": LOOPBACK,
            "PGPORT": str(access.port),
            "PGDATABASE": database.name,
            "PGUSER": database.user,
            "PGPASSFILE": access.keep(f"{line}\n"),
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": str(access.authorities),
            "PGCONNECT_TIMEOUT": "15",
            "PGAPPNAME": "autodeploy",
        }
        return surroundings(("PG",), own)

    def shell(self, access: Access, words: Sequence[str]) -> list[str]:  # noqa: ARG002
        """See Engine."""
        return ["psql", *words]

    def dump(self, access: Access) -> list[str]:  # noqa: ARG002
        """See Engine."""
        return ["pg_dump", "--format=custom", "--no-password"]

    def script(self, file: Path) -> list[str]:
        """See Engine. Rights are left out: who else had some may not exist here."""
        return ["pg_restore", "--no-owner", "--no-privileges", "--file=-", str(file)]

    def statements(self, access: Access, dumped: Iterator[bytes]) -> Iterator[bytes]:  # noqa: ARG002
        """See Engine. Before the end nothing is committed."""
        yield next(dumped, b"").replace(SINCE_17, b"", 1)
        yield from dumped

    def restore(self, access: Access) -> list[str]:  # noqa: ARG002
        """See Engine."""
        once = ("--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1")
        return ["psql", *once, f"--file={EMPTY}", "--file=-"]
