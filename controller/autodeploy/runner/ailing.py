"""What an error of Ansible's or of SSH's means for the host, and what there is to do."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autodeploy.contracts import Host
from autodeploy.errors import (
    DiskFull,
    HostError,
    HostKeyMismatch,
    PackagesHalfDone,
    PackagesLocked,
    PythonMissing,
    SudoRefused,
)
from autodeploy.runner.ssh import KNOWN_HOSTS, command

SIGNS: tuple[tuple[type[HostError], str, re.Pattern[str]], ...] = (
    (DiskFull, "a disk of {host} is full", re.compile("No space left on device|Disk quota exceed")),
    (
        PackagesHalfDone,
        "packages of {host} are half installed",
        re.compile("dpkg was interrupted"),
    ),
    (
        PackagesLocked,
        "another program keeps the packages of {host} locked",
        re.compile("Could not get lock /var/|Failed to lock apt"),
    ),
    (
        PythonMissing,
        "{host} has no /usr/bin/python3",
        re.compile(r"/usr/bin/python3\S* (was )?not found|/usr/bin/python3: No such file"),
    ),
    (
        SudoRefused,
        "{host} does not let {user} become root without a password",
        re.compile("Missing sudo password|a password is required|sudo: .* not (allowed|in the su)"),
    ),
    (
        HostKeyMismatch,
        "another machine answers in the place of {host}",
        re.compile("REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed"),
    ),
)
# Where a deployment writes. Mounts further down are not its own.
WRITTEN = "/ /etc /var /var/lib /var/cache /tmp /srv /srv/* /srv/*/* $HOME $HOME/.ansible"
FREE = f"for unit in k i; do LC_ALL=C df -P$unit {WRITTEN} 2>/dev/null | tail -n +2; echo; done"
ASK_SECONDS = 20
FEW_INODES = 10


def explained(error: HostError, inventory: Path) -> HostError:
    """The error as what it means for its host; itself, where its text does not tell.

    Args:
        error: What Ansible said, its host named as in the inventory.
        inventory: The run's inventory; beside it are the pinned keys.
    """
    # A module of ours has told what it means.
    if {"healthy", "switched"} & set(getattr(error, "reported", {})):
        return error
    for kind, message, sign in SIGNS:
        if error.host and sign.search(error.cause or ""):
            known = _hostvars(inventory, error.host)
            cause = _space(error.host, known, inventory.parent) if kind is DiskFull else None
            return kind(
                message.format(host=error.host, user=known.get("ansible_user")),
                cause="\n".join(filter(None, [cause, error.cause])),
                step=error.step,
                host=error.host,
            )
    return error


def fullest(answer: str) -> str | None:
    """The fullest of the file systems that `FREE` tells of; None where it tells of none."""
    space, _, inodes = answer.partition("\n\n")
    none_left = [mount for mount, _size, free in _rows(inodes) if free < FEW_INODES]
    if none_left:
        return f"{none_left[0]} has no room for another file: all its inodes are in use"
    found = min(_rows(space), key=lambda row: row[2], default=None)
    return found and f"{found[0]} has {_shown(found[2])} free of {_shown(found[1])}"


def _rows(table: str) -> Iterator[tuple[str, int, int]]:
    """Mount, size and what is free; file systems without a size (of inodes) are left out."""
    for line in table.splitlines():
        fields = line.split(maxsplit=5)
        if len(fields) == 6 and fields[1].isdigit() and int(fields[1]):
            yield fields[5], int(fields[1]), int(fields[3])


def _shown(kibibytes: int) -> str:
    mebibytes = kibibytes / 1024
    return f"{mebibytes / 1024:.1f} GiB" if mebibytes >= 1024 else f"{mebibytes:.1f} MiB"


def _space(name: str, known: dict[str, Any], folder: Path) -> str | None:
    """What the host says of its disks; None where it does not answer."""
    host = Host(
        name=name,
        address=known["ansible_host"],
        user=known["ansible_user"],
        port=known["ansible_port"],
        host_key="",  # It is pinned already.
    )
    key = known.get("ansible_ssh_private_key_file")
    try:
        done = subprocess.run(
            command(host, Path(key) if key else None, folder / KNOWN_HOSTS, FREE),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=ASK_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return None
    return fullest(done.stdout)


def _hostvars(inventory: Path, host: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(inventory.read_text())["_meta"]["hostvars"][host]
    return found
