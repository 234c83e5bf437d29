"""What the lab must know of a server to run it, whichever product it is: texts, no actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from autodeploy.lab.inside import File

FOLDER = "/etc/rds"
DATA = "/var/lib/rds/data"
RUN = "/run/rds"
UNIT = "/etc/systemd/system/rds.service"
CERTIFICATE, KEY = f"{FOLDER}/server.pem", f"{FOLDER}/server.key"

Values = Mapping[str, str]


class Product(Protocol):
    """One product in one version.

    Attributes:
        user: The user that the server runs as.
        initialise: Shell commands, run as that user, that make an empty cluster in DATA.
        client: A command that carries out SQL from its standard input as the administrator.
        dump: Shell commands, run as root, that write all databases and users to standard output.
        restore: Shell commands, run as root, that read that from standard input.
    """

    user: str
    initialise: str
    client: tuple[str, ...]
    dump: str
    restore: str

    def unit(self) -> str:
        """The systemd unit: it is active when the server accepts connections."""
        ...

    def configuration(self, values: Values) -> tuple[File, ...]:
        """The server's configuration with the values of its parameters."""
        ...

    def master(self, name: str, password: str, database: str | None) -> str:
        """SQL that makes RDS's own roles, the master user, and the first database."""
        ...

    def password(self, name: str, password: str) -> str:
        """SQL that gives the master user another password and its rights back."""
        ...

    def live(self, values: Values) -> str | None:
        """SQL that changes parameters of the running server; None where it rereads its files."""
        ...


def unit(user: str, server: str, stop: str, reload: str | None = None) -> str:
    """The unit of a server that tells systemd when it is ready.

    Args:
        user: Its user.
        server: Its command line.
        stop: The signal that ends it without waiting for its clients.
        reload: The command that makes it reread its files; None where none does.
    """
    return "\n".join(
        [
            "[Unit]",
            "Description=The database server",
            "After=network.target",
            "[Service]",
            "Type=notify",
            f"User={user}",
            "RuntimeDirectory=rds",
            "RuntimeDirectoryMode=0755",
            f"ExecStart={server}",
            *([f"ExecReload={reload}"] if reload else []),
            "KillMode=mixed",
            f"KillSignal={stop}",
            "LimitNOFILE=65536",
            "TimeoutStartSec=60",
            "[Install]",
            "WantedBy=multi-user.target",
            "",
        ]
    )
