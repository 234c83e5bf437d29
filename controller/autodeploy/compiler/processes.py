"""A running command with all that it started, and the end of them."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autodeploy.marked import end_marked

MARK = "AUTODEPLOY_BUILD"


@dataclass(frozen=True)
class Running:
    """A command that leads a process group, and what it started.

    Attributes:
        process: The command; `unshare` where it has namespaces.
        mark: What its environment has in MARK.
        isolated: Whether it has a PID namespace.
    """

    process: subprocess.Popen[bytes]
    mark: str
    isolated: bool

    def end(self) -> None:
        """End all of it; nothing lives when this returns."""
        if self.isolated:
            self._end_namespace()
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        # Without a namespace, also whoever left the process group.
        end_marked(f"{MARK}={self.mark}")

    def _end_namespace(self) -> None:
        """End the namespace's first process: it is gone when the kernel has ended the others."""
        while self.process.poll() is None:
            for child in _children(self.process.pid):
                _kill(child)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.02)


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
