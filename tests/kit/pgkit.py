"""A real PostgreSQL on loopback for tests: TLS by an authority of its own, no lab."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autodeploy.contracts import Database
from autodeploy.lab.authority import Authority
from autodeploy.lab.site import Site

PROGRAMS = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))), Path("/")).parent
HOST, NAME, PASSWORD = "shop.x.rds.amazonaws.com", "app_shop", r"a:b\c'd"
# As the role `database` leaves it: the master user owns the database, not the application's.
USER = f"""
CREATE ROLE {NAME} LOGIN PASSWORD $${PASSWORD}$$;
CREATE DATABASE {NAME};
GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {NAME} TO {NAME};
REVOKE CONNECT, TEMPORARY ON DATABASE {NAME} FROM PUBLIC;
\\connect {NAME}
GRANT USAGE, CREATE ON SCHEMA public TO {NAME};
"""


@dataclass(frozen=True)
class Server:
    """A server that runs.

    Attributes:
        folder: Its socket's.
        port: Its TCP port.
        authorities: The file of the authority that its certificate is from.
    """

    folder: Path
    port: int
    authorities: Path

    @property
    def database(self) -> Database:
        where = {"host": HOST, "port": 5432, "name": NAME, "user": NAME}
        return Database(engine="postgresql", secret="arn:1", master_secret="arn:2", **where)

    def ask(self, sql: str, name: str = NAME) -> str:
        """What the master user gets for SQL."""
        line = [PROGRAMS / "psql", "-XqAt", "-h", self.folder, "-p", str(self.port), "-U", "master"]
        more = ["-v", "ON_ERROR_STOP=1", "-d", name, "-f", "-"]
        return subprocess.run(
            [*line, *more], input=sql, capture_output=True, text=True, check=True
        ).stdout.strip()


@contextmanager
def server() -> Iterator[Server]:
    """One of its own, with the application's database and user."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        authorities = _certificate(folder)
        # Root may not run it.
        who = {"user": "postgres"} if os.geteuid() == 0 else {}
        if who:
            for one in (folder, *folder.iterdir()):
                shutil.chown(one, "postgres")
        initdb = ["initdb", "--auth-local=trust", "--username=master", "--no-sync", "-E", "UTF8"]
        made = [PROGRAMS / initdb[0], *initdb[1:], "--locale=C.UTF-8", "-D", folder / "data"]
        subprocess.run(made, check=True, capture_output=True, cwd=folder, **who)
        (folder / "data/pg_hba.conf").write_text(
            "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
        )
        with _running(folder, who) as port:
            found = Server(folder, port, authorities)
            found.ask(USER, "postgres")
            yield found
    finally:
        shutil.rmtree(folder)


def _certificate(folder: Path) -> Path:
    authority = Authority.of(Site(folder / "lab", folder / "images"))
    pair = authority.issue([HOST])
    (folder / "server.pem").write_text(pair.certificate)
    (folder / "server.key").touch(mode=0o600)
    (folder / "server.key").write_text(pair.key)
    return authority.root


@contextmanager
def _running(folder: Path, who: dict[str, str]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    said = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": folder,
        "fsync": "off",
        "ssl": "on",
        "ssl_cert_file": folder / "server.pem",
        "ssl_key_file": folder / "server.key",
    }
    words = [word for name, one in said.items() for word in ("-c", f"{name}={one}")]
    data = ["-D", folder / "data"]
    start = [PROGRAMS / "pg_ctl", "start", "-w", "-s", *data, "-l", folder / "log"]
    subprocess.run([*start, "-o", " ".join(words)], check=True, cwd=folder, **who)
    try:
        yield port
    finally:
        stop = [PROGRAMS / "pg_ctl", "stop", "-s", "-m", "immediate", *data]
        subprocess.run(stop, check=True, cwd=folder, **who)
