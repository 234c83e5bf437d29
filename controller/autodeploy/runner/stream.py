"""What a command on a host prints, line by line as it comes."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autodeploy.contracts import Host
from autodeploy.errors import HostError, HostUnreachable
from autodeploy.runner.ssh import command

NO_LOGIN = 255
"""OpenSSH's own exit code."""
NOTHING = "No data available"
"""What journalctl says, with an exit code, where it has never heard of a unit."""
LONGEST = 1024 * 1024
"""Bytes of a line; what is longer comes in pieces."""


@contextmanager
def stream(
    host: Host, key: Path | None, known_hosts: Path, command_line: str
) -> Iterator[Iterator[str]]:
    """The lines that a command on the host prints; it is ended with the `with`.

    The lines end with HostUnreachable where the connection did, and with HostError where the
    command failed, whatever had come before.

    Args:
        host: The host.
        key: As in `command`.
        known_hosts: As in `command`.
        command_line: For the host's shell.
    """
    line = command(host, key, known_hosts, command_line, shared=False)
    # Ctrl-C on a terminal is for us alone: else its end would be told as the connection's.
    running = subprocess.Popen(
        line,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=0,
    )
    left = threading.Event()
    try:
        yield _lines(running, host, left)
    finally:
        left.set()
        running.kill()
        running.wait()


def _lines(running: subprocess.Popen[bytes], host: Host, left: threading.Event) -> Iterator[str]:
    """Another thread may read them: so nobody else closes the pipes under it."""
    assert running.stdout  # noqa: S101 - for mypy: they are pipes
    assert running.stderr  # noqa: S101 - as above
    with running.stdout as out, running.stderr as err:
        while read := out.readline(LONGEST):
            yield read.decode(errors="replace").rstrip("\n")
        said = err.read().decode(errors="replace").strip().splitlines()[-1:]
    code = running.wait()
    if not left.is_set():
        _refuse(host, code, said[0] if said else f"exit code {code}")


def _refuse(host: Host, code: int, cause: str) -> None:
    if code == NO_LOGIN:
        raise HostUnreachable(
            f"the connection to {host.address} ended", cause=cause, step="read", host=host.name
        )
    if code and NOTHING not in cause:
        raise HostError("the command failed there", cause=cause, step="read", host=host.name)
