"""Processes that are told apart from later ones with the same number."""

from __future__ import annotations

import os
import select
import signal
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def identity(pid: int) -> str | None:
    """What no other process ever has: boot, number and start time; None where it has ended."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state == "Z" else f"{BOOT_ID.read_text().strip()}:{pid}:{fields[18]}"


def alive(known: str) -> bool:
    """Whether the process with this identity still runs."""
    return identity(_pid(known)) == known


def stop(known: str, patience: float = 3.0) -> None:
    """End the process with this identity, after `patience` seconds by SIGKILL; no other one."""
    try:
        handle = os.pidfd_open(_pid(known))
    except ProcessLookupError:
        return
    try:
        if not alive(known):
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            signal.pidfd_send_signal(handle, number)
            if select.select([handle], [], [], patience)[0]:
                return
    except ProcessLookupError:
        return
    finally:
        os.close(handle)


def _pid(known: str) -> int:
    return int(known.split(":")[1])
