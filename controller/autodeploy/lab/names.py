"""Names of the lab in this machine's /etc/hosts: a stub, until the lab's network resolves names."""

from __future__ import annotations

import fcntl
from collections.abc import Sequence
from ipaddress import IPv4Address
from pathlib import Path

from autodeploy.lab.site import Site

HOSTS = Path("/etc/hosts")


class Names:
    """The names of one lab."""

    def __init__(self, site: Site) -> None:
        self._mark = f"# autodeploy-lab {site.key}"

    def add(self, name: str, addresses: Sequence[IPv4Address]) -> None:
        """Let a name resolve."""
        self._rewrite(name, [f"{one} {name} {self._mark}" for one in addresses])

    def remove(self, name: str) -> None:
        """Let a name resolve no longer."""
        self._rewrite(name, [])

    def _rewrite(self, name: str, added: list[str]) -> None:
        with HOSTS.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            kept = [
                line
                for line in file.read().splitlines()
                if not ("# autodeploy-lab" in line and line.split()[1] == name)
            ]
            file.seek(0)
            file.write("".join(f"{line}\n" for line in [*kept, *added]))
            file.truncate()
