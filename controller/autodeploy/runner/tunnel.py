"""A port of this machine that leads through a host to what only the host reaches."""

from __future__ import annotations

import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from autodeploy.contracts import Host
from autodeploy.errors import HostUnreachable
from autodeploy.runner.ssh import command

LOOPBACK = "127.0.0.1"
OPEN = b"open"
HOLD = f"echo {OPEN.decode()}; exec cat >/dev/null"
"""What the host runs: it ends with our end of the pipe, so that a kill leaves no tunnel either."""
# Through a connection that a deployment keeps open, the port would outlast us.
OF_ITS_OWN = ("-o", "ControlPath=none", "-o", "ExitOnForwardFailure=yes")


@contextmanager
def tunnel(
    host: Host, key: Path | None, known_hosts: Path, address: str, port: int
) -> Iterator[int]:
    """The TCP port of this machine's loopback that leads to `address:port`, while the `with` lasts.

    Args:
        host: The host that it leads through.
        key: As in `command`.
        known_hosts: As in `command`.
        address: A name that the host resolves, or an address that it reaches.
        port: The TCP port there.

    Raises:
        HostUnreachable: SSH did not answer, or refuses to forward.
    """
    here = _free_port()
    line = command(host, key, known_hosts, HOLD)
    forward = (*OF_ITS_OWN, "-L", f"{LOOPBACK}:{here}:{address}:{port}")
    with tempfile.TemporaryFile() as said:
        # In a session of its own: Ctrl-C in a database's shell ends a query, not the tunnel.
        running = subprocess.Popen(
            [line[0], *forward, *line[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            start_new_session=True,
        )
        try:
            _await_open(running, said, host)
            yield here
        finally:
            running.kill()
            running.communicate()


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as found:
        port: int = found.getsockname()[1]
        return port


def _await_open(running: subprocess.Popen[bytes], said: IO[bytes], host: Host) -> None:
    """OpenSSH listens before it runs a command; a login may print something first."""
    assert running.stdout  # noqa: S101 - for mypy: it is a pipe
    if any(line.strip() == OPEN for line in running.stdout):
        return
    running.wait()
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    raise HostUnreachable(
        f"no tunnel through {host.address}",
        cause=lines[-1] if lines else None,
        step="tunnel",
        host=host.name,
    )
