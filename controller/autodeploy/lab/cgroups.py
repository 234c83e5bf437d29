"""A cgroup of its own for each host.

systemd-nspawn makes `payload` and `supervisor` in the cgroup that it was started in, so two hosts
started from one cgroup would share them; and whoever kills all of a host's cgroup has killed the
host, whatever became of systemd-nspawn itself.

Where PID 1 is systemd, it owns the tree and a delegated scope is asked of it; elsewhere the
folders are made here, in each hierarchy that names processes (cgroup 2, and v1's name=systemd).
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autodeploy.errors import LabBroken
from autodeploy.lab import scopes

KILL_SECONDS = 10
CPU = "cpu.stat"
"""Cgroup 2 alone has it, whether its controller is on or not."""
JOIN = 'set -e; for one in $LAB_CGROUPS; do echo $$ > "$one/cgroup.procs"; done; exec "$@"'


@dataclass(frozen=True)
class Cgroup:
    """The cgroup of one host.

    Attributes:
        lab: The lab's name for its cgroups.
        host: The host's name.
    """

    lab: str
    host: str

    def folders(self) -> list[Path]:
        """Where it is, or would be, in each hierarchy."""
        if scopes.available():
            return [root / scopes.SLICE / f"{self._scope}.scope" for root in _hierarchies()]
        return [root / self.lab / self.host for root in _hierarchies()]

    @property
    def _scope(self) -> str:
        return f"{self.lab}-{self.host}"

    def start(self, command: list[str]) -> list[str]:
        """The command line that runs `command` in this cgroup, which is made for it."""
        if scopes.available():
            return scopes.start(self._scope, command)
        folders = self.folders()
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        joined = " ".join(map(str, folders))
        return ["env", f"LAB_CGROUPS={joined}", "sh", "-c", JOIN, "sh", *command]

    def cpu_seconds(self) -> float | None:
        """The processor's time that its processes have had so far; None where it is not there."""
        for folder in self.folders():
            with contextlib.suppress(OSError):
                said = dict(line.split() for line in (folder / CPU).read_text().splitlines())
                return int(said["usage_usec"]) / 1e6
        return None

    def kill(self) -> None:
        """Kill every process in it and take it away.

        Raises:
            LabBroken: A process does not end, or systemd does not let the scope go.
        """
        deadline = time.monotonic() + KILL_SECONDS
        while not self._gone():
            if time.monotonic() > deadline:
                raise LabBroken(
                    f"the cgroup of the host {self.host} does not end",
                    cause=f"processes that are left in it: {self._members()}",
                )
            time.sleep(0.01)

    def _gone(self) -> bool:
        """Kill what is in it, or take it away where nothing is; whether nothing of it is left."""
        members = self._members()
        for pid in members:
            _kill(pid)
        if members or (scopes.available() and not scopes.end(self._scope)):
            return False
        for folder in self.folders():
            _remove(folder)
        return not any(folder.exists() for folder in self.folders())

    def _members(self) -> list[int]:
        return [pid for folder in self.folders() for pid in _processes(folder)]


def leftovers(lab: str) -> list[str]:
    """The hosts that have a cgroup or a scope, asked of the tree and of systemd themselves."""
    if not scopes.available():
        return sorted({one.name for root in _hierarchies() for one in (root / lab).glob("*/")})
    folders = (
        one.stem for root in _hierarchies() for one in (root / scopes.SLICE).glob(f"{lab}-*.scope")
    )
    return sorted({one.removeprefix(f"{lab}-") for one in (*folders, *scopes.named(f"{lab}-"))})


def remove_parent(lab: str) -> None:
    """Take away the folder of the hosts' cgroups, once they are gone."""
    for root in _hierarchies():
        _remove(root / lab)


def _hierarchies() -> list[Path]:
    """Where cgroup 2 and v1's name=systemd are mounted."""
    mounts = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    return [
        Path(where)
        for _, where, kind, options, *_ in mounts
        if kind == "cgroup2" or (kind == "cgroup" and "name=systemd" in options.split(","))
    ]


def _processes(folder: Path) -> Iterator[int]:
    """Those in a cgroup and in all below it; any of them may vanish while it is read."""
    for inner, _, _ in os.walk(folder):
        with contextlib.suppress(OSError):
            yield from map(int, Path(inner, "cgroup.procs").read_text().split())


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _remove(folder: Path) -> None:
    """Remove a cgroup and those in it, as far as their processes have ended."""
    with contextlib.suppress(OSError):
        for inner in folder.iterdir():
            if inner.is_dir():
                _remove(inner)
        folder.rmdir()
