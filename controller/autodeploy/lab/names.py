"""Names of the lab on this machine: lines of /etc/hosts that bear the lab's mark."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address
from pathlib import Path

from autodeploy.lab.site import Site

HOSTS = Path("/etc/hosts")


class Names:
    """The names that one lab has given."""

    def __init__(self, site: Site) -> None:
        self._mark = _mark(site)

    def add(self, name: str, addresses: Sequence[IPv4Address]) -> None:
        """Make a name resolve to these addresses."""
        lines = [f"{address} {name} {self._mark}\n" for address in addresses]
        _rewrite(lambda line: not self._is(line, name), lines)

    def remove(self, name: str) -> None:
        """Make a name resolve no more."""
        _rewrite(lambda line: not self._is(line, name), [])

    def _is(self, line: str, name: str) -> bool:
        return self._mark in line and line.split()[1:2] == [name]


def forget_all(site: Site) -> None:
    """Take every name of a lab away."""
    _rewrite(lambda line: _mark(site) not in line, [])


def _mark(site: Site) -> str:
    return f"# autodeploy-lab {site.key}"


def _rewrite(keep: Callable[[str], bool], more: Sequence[str]) -> None:
    """In place: in a container the file may be a mount, which cannot be replaced."""
    with HOSTS.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = file.read()
        kept = [line for line in before.splitlines(keepends=True) if keep(line)]
        after = "".join([*kept, *more])
        if after != before:
            file.seek(0)
            file.write(after)
            file.truncate()
