"""Network namespaces with names, as `ip netns` keeps them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import threading
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path

from autodeploy.errors import LabBroken
from autodeploy.lab.run import run, succeeds

FOLDER = Path("/run/netns")
CLONE_NEWNET = 0x40000000


def create(name: str) -> None:
    """Make one, with its loopback interface up.

    Raises:
        LabBroken: The kernel refuses, or it exists.
    """
    run("ip", "netns", "add", name)
    run("ip", "-netns", name, "link", "set", "lo", "up")


def delete(name: str) -> None:
    """End the processes in it and take it away with its interfaces.

    Raises:
        LabBroken: It cannot be taken away.
    """
    for pid in run("ip", "netns", "pids", name).split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    run("ip", "netns", "delete", name)


def leftovers(prefix: str) -> list[str]:
    """Those whose names begin so."""
    return sorted(one.name for one in FOLDER.glob(f"{prefix}*"))


def enter(name: str, *command: str) -> list[str]:
    """The command line that runs `command` in it."""
    return ["nsenter", f"--net={FOLDER / name}", "--", *command]


def links(name: str, *lines: str) -> None:
    """Have `ip` carry out lines in it.

    Raises:
        LabBroken: One of them failed.
    """
    run("ip", "-netns", name, "-batch", "-", given="\n".join(lines))


def listen(name: str, address: IPv4Address, port: int) -> socket.socket:
    """A TCP socket that listens in it; the caller stays where it is.

    Raises:
        LabBroken: There is no such namespace, or the address is taken.
    """
    where = (str(address), port)
    return _within(name, where, lambda: socket.create_server(where, backlog=64))


def bind(name: str, address: IPv4Address, port: int) -> socket.socket:
    """A UDP socket in it; as `listen` otherwise.

    Raises:
        LabBroken: There is no such namespace, or the address is taken.
    """
    where = (str(address), port)

    def bound() -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind(where)
        return made

    return _within(name, where, bound)


def _within(name: str, where: tuple[str, int], make: Callable[[], socket.socket]) -> socket.socket:
    made: list[socket.socket] = []

    def enter() -> None:
        with contextlib.suppress(OSError), (FOLDER / name).open("rb") as namespace:
            if not ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET):
                made.append(make())

    # A thread of its own may change its namespace and end: nobody else is moved.
    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    if not made:
        raise LabBroken(f"nothing can listen on {where[0]}:{where[1]} in the namespace {name}")
    return made[0]


def unmount_folder() -> None:
    """Take away the mount that the first `ip netns add` of the machine made, if none is left.

    Two labs that began at once have made two, one over the other.
    """
    while _mounted() and not any(FOLDER.iterdir()):
        if not succeeds("umount", str(FOLDER)):
            return
    with contextlib.suppress(OSError):
        FOLDER.rmdir()


def _mounted() -> bool:
    """Whether the folder is a mount: one of itself over itself, which `ismount` does not see."""
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    return any(line.split()[4] == str(FOLDER) for line in mounts)
