"""Processes that are known by their environment: what they start has it too, wherever it goes."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path


def end_marked(mark: str) -> None:
    """End, at once, every process of this machine that has the text in its environment."""
    needle = mark.encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # It has ended, or is somebody else's.
            if needle in (process / "environ").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)
