"""Settings of this machine's kernel that hosts need; the last lab gives them back as they were.

The caller holds the lock that all labs of the machine share.
"""

from __future__ import annotations

import json
from pathlib import Path

SYSTEM = Path("/proc/sys")
# Every systemd wants several inotify instances, and all hosts' roots count as one user: the usual
# 128 are used up by some fifteen hosts.
WANTED = {"net/ipv4/ip_forward": 1, "fs/inotify/max_user_instances": 8192}


def prepare(record: Path) -> None:
    """Raise what is too low, and keep what it was in `record`, unless that is there already."""
    if not record.exists():
        record.write_text(json.dumps({name: _value(name) for name in WANTED}))
    for name, wanted in WANTED.items():
        if _value(name) < wanted:
            (SYSTEM / name).write_text(str(wanted))


def as_before(record: Path) -> None:
    """Give back what `prepare` found."""
    if not record.exists():
        return
    for name, before in json.loads(record.read_text()).items():
        if name in WANTED and _value(name) == WANTED[name]:
            (SYSTEM / name).write_text(str(before))
    record.unlink()


def _value(name: str) -> int:
    return int((SYSTEM / name).read_text())
