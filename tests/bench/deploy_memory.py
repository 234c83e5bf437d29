"""How much memory a command and everything that it starts take at most."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

PAUSE = 0.1


class Peak(NamedTuple):
    """MB.

    Attributes:
        largest: The most that any one process had resident, told by the kernel.
        together: The most that all had at one time, seen ten times a second; what processes share
            is counted once.
    """

    largest: float
    together: float


def peak(process: subprocess.Popen[bytes]) -> Peak:
    """Of a process that has begun, once it has ended.

    Raises:
        AssertionError: It failed.
    """
    family, together = {process.pid}, 0.0
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        family |= children(family)
        together = max(together, sum(map(proportional, family)))
        time.sleep(PAUSE)
    said = process.stderr.read().decode() if process.stderr else ""
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, said[-3000:]
    return Peak(usage.ru_maxrss / 1024, together)


def children(family: set[int]) -> set[int]:
    """What these processes have started, and what that has."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = family
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found = found | more
    return found - family


def proportional(pid: int) -> float:
    """The proportional set size of a process; 0 of one that has ended."""
    with contextlib.suppress(OSError):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(re.search(r"^Pss: +(\d+)", rollup, re.MULTILINE)[1]) / 1024
    return 0
