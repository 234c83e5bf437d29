"""One database server on its host: the only place that acts on it."""

from __future__ import annotations

import subprocess
from ipaddress import IPv4Address
from pathlib import Path
from typing import IO

from autodeploy.errors import LabBroken
from autodeploy.lab import inside
from autodeploy.lab.authority import Pair
from autodeploy.lab.databases.engines import Engine
from autodeploy.lab.databases.mariadb import MariaDb
from autodeploy.lab.databases.postgresql import PostgreSql
from autodeploy.lab.databases.product import (
    CERTIFICATE,
    DATA,
    FOLDER,
    KEY,
    UNIT,
    Product,
    Values,
)
from autodeploy.lab.host import Host
from autodeploy.lab.inside import File

DUMP_SECONDS = 1800
ESTABLISHED = "01"


def product_of(engine: Engine, port: int) -> Product:
    """The texts for an engine that listens on a port."""
    if engine.product == "postgresql":
        return PostgreSql(engine.release, port)
    return MariaDb(port)


def connected(tables: str, port: int) -> int:
    """The connections to a port in the kernel's tables of sockets. Pure."""
    rows = (line.split() for line in tables.splitlines())
    return sum(row[1].endswith(f":{port:04X}") and row[3] == ESTABLISHED for row in rows)


class Server:
    """A database server; every method raises LabBroken where its host or the server refuses."""

    def __init__(self, host: Host, engine: Engine, address: IPv4Address, port: int) -> None:
        self._host = host
        self._product = product_of(engine, port)
        self._address = address
        self._port = port

    def set_up(self, identity: Pair, values: Values) -> None:
        """Make an empty cluster on a host that has just been started, and start the server."""
        inside.wait_for_systemd(self._host)
        user = self._product.user
        self._host.execute("install", "-d", "-m", "0755", FOLDER, str(Path(DATA).parent))
        self._host.execute("install", "-d", "-m", "0700", "-o", user, DATA)
        self._host.execute(
            *("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"),
            *("/bin/sh", "-e", "-c", self._product.initialise),
        )
        self._write(File(path=UNIT, content=self._product.unit(), mode="0644"))
        self._write(File(path=CERTIFICATE, content=identity.certificate))
        self._write(File(path=KEY, content=identity.key, mode="0600"))
        self._configure(values)
        self._systemctl("enable", "--now", "--quiet")

    def wait(self) -> None:
        """Return when the host, which has been started again, has its server answering."""
        inside.wait_for_systemd(self._host)
        self._systemctl("start")
        self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        """Return when it accepts connections where its clients look for it."""
        inside.wait_for_port(self._host, self._address, self._port)

    def create_master(self, name: str, password: str, database: str | None) -> None:
        """Make the master user and the first database."""
        self.sql(self._product.master(name, password, database))

    def set_password(self, name: str, password: str) -> None:
        """Give the master user another password."""
        self.sql(self._product.password(name, password))

    def apply(self, running: Values, values: Values) -> None:
        """Change those parameters of the running server that differ from what it runs with."""
        self._configure(values)
        changed = {name: one for name, one in values.items() if running.get(name) != one}
        live = self._product.live(changed)
        if live is None:
            self._systemctl("reload")
        else:
            self.sql(live)

    def restart(self, values: Values) -> None:
        """Restart it with other parameters."""
        self._configure(values)
        self._systemctl("restart")
        self.wait_until_it_answers()

    def dump(self, path: Path) -> None:
        """Write all of its databases and users into a new file that only we can read."""
        path.touch(mode=0o600)
        command = self._host.inside("/bin/sh", "-e", "-c", self._product.dump)
        with path.open("wb") as target:
            _stream(command, subprocess.DEVNULL, target)

    def restore(self, path: Path) -> None:
        """Read what `dump` wrote into an empty cluster."""
        command = self._host.inside("/bin/sh", "-e", "-c", self._product.restore)
        with path.open("rb") as source:
            _stream(command, source, subprocess.DEVNULL)

    def connections(self) -> int:
        """How many clients are connected by TCP."""
        tables = self._host.execute("cat", "/proc/net/tcp", "/proc/net/tcp6")
        return connected(tables, self._port)

    def used_bytes(self) -> int:
        """How much of its disk its data take."""
        return int(self._host.execute("du", "--summarize", "--bytes", DATA).split()[0])

    def sql(self, text: str) -> None:
        """Carry out SQL as the administrator."""
        if text:
            self._host.execute(*self._product.client, given=text)

    def _configure(self, values: Values) -> None:
        for file in self._product.configuration(values):
            self._write(file)

    def _write(self, file: File) -> None:
        inside.write(self._host, file, self._product.user)

    def _systemctl(self, *words: str) -> None:
        inside.run_unit(self._host, "rds", "the database server", *words)


def _stream(command: tuple[str, ...], source: IO[bytes] | int, target: IO[bytes] | int) -> None:
    """Run a command between files.

    Raises:
        LabBroken: It failed.
    """
    try:
        done = subprocess.run(
            command,
            stdin=source,
            stdout=target,
            stderr=subprocess.PIPE,
            check=False,
            timeout=DUMP_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise LabBroken("a dump or its restoration took too long", cause=str(error)) from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise LabBroken("a database could not be dumped or restored", cause=said[-2000:])
