"""Names that the lab gives to its addresses: for every host, and for this machine."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address
from pathlib import Path

from autodeploy.errors import LabBroken
from autodeploy.lab import network
from autodeploy.lab.site import Site

HOSTS = Path("/etc/hosts")
NAME = re.compile(
    r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9])?)*"
)


class Names:
    """The names of one lab.

    The hosts' resolvers watch a folder with a file for each name; for this machine's programs
    there is a line in /etc/hosts, which ends in the lab's mark.
    """

    def __init__(self, site: Site) -> None:
        self._site = site

    def add(self, name: str, addresses: Sequence[IPv4Address]) -> None:
        """Let a name mean these addresses, and no others that it had.

        Raises:
            LabBroken: It is no host's name.
        """
        if not NAME.fullmatch(name):
            raise LabBroken(f"{name!r} cannot be a name of a host")
        lines = [f"{address} {name}" for address in addresses]
        self._site.names.mkdir(parents=True, exist_ok=True)
        _replace(self._site.names / name, "".join(f"{one}\n" for one in lines))
        mark = self._site.names_mark
        _rewrite(lambda text: with_name(text, mark, name, lines))

    def remove(self, name: str) -> None:
        """Forget a name."""
        (self._site.names / name).unlink(missing_ok=True)
        mark = self._site.names_mark
        _rewrite(lambda text: with_name(text, mark, name, []))


def forget_all(site: Site) -> None:
    """Take every name of a lab away."""
    shutil.rmtree(site.names, ignore_errors=True)
    _rewrite(lambda text: without_mark(text, site.names_mark))


def left(site: Site) -> list[str]:
    """The lab's lines in /etc/hosts."""
    with contextlib.suppress(FileNotFoundError):
        return [line for line in HOSTS.read_text().splitlines() if line.endswith(site.names_mark)]
    return []


def with_name(text: str, mark: str, name: str, lines: Sequence[str]) -> str:
    """/etc/hosts with these lines for `name`, and every other line as it was."""
    kept = [
        line
        for line in text.splitlines(keepends=True)
        if not (line.rstrip().endswith(mark) and line.split()[1] == name)
    ]
    ended = "" if not kept or kept[-1].endswith("\n") else "\n"
    return "".join([*kept, ended, *(f"{line} {mark}\n" for line in lines)])


def without_mark(text: str, mark: str) -> str:
    """/etc/hosts without the lines that bear a lab's mark."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not line.rstrip().endswith(mark))


def _rewrite(change: Callable[[str], str]) -> None:
    with network.machine_lock():
        before = HOSTS.read_text() if HOSTS.exists() else ""
        after = change(before)
        if after != before:
            _replace(HOSTS.resolve(), after)


def _replace(path: Path, text: str) -> None:
    """Write a file at once, with the rights it had."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    written = Path(name)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    written.chmod(0o644)
    if path.exists():
        shutil.copystat(path, written)
        os.chown(written, path.stat().st_uid, path.stat().st_gid)
    try:
        written.rename(path)
    except OSError:  # a container's /etc/hosts is a mount: it can be written, not replaced
        written.unlink()
        path.write_text(text)
