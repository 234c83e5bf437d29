"""A port of this machine that leads through a host to what only the host reaches."""

from __future__ import annotations

import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Never

from autodeploy.contracts import Host
from autodeploy.errors import DatabaseFailed, HostUnreachable
from autodeploy.runner.ssh import command

LOOPBACK = "127.0.0.1"
OPEN = b"open"
HOLD = f"echo {OPEN.decode()}; exec cat >/dev/null"
"""What the host runs: it ends with our end of the pipe, so that a kill leaves no tunnel either."""
NOT_THERE = "open failed"
"""In what OpenSSH says where the far end is not reached."""
# Through a connection that a deployment keeps open, the port would outlast us.
OF_ITS_OWN = ("-o", "ControlPath=none", "-o", "ExitOnForwardFailure=yes")


class Tunnel:
    """A way that is open.

    Attributes:
        port: The TCP port of this machine's loopback that it begins at.
    """

    def __init__(
        self, port: int, host: Host, running: subprocess.Popen[bytes], said: IO[bytes]
    ) -> None:
        self.port = port
        self._host = host
        self._running = running
        self._said = said

    def until_closed(self) -> Never:
        """Wait until it ends by itself.

        Raises:
            HostUnreachable: It has.
        """
        self._running.wait()
        raise _unreachable(self._host, _last(self._said))


@contextmanager
def tunnel(
    host: Host, key: Path | None, known_hosts: Path, address: str, port: int
) -> Iterator[Tunnel]:
    """From a TCP port of this machine's loopback to `address:port`, while the `with` lasts.

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
            if not _is_open(running):
                raise _unreachable(host, _last(said))
            yield Tunnel(here, host, running, said)
        except DatabaseFailed as error:
            # A client sees no more than that its connection ends; ssh knows why.
            error.add(_last(said, NOT_THERE))
            raise
        finally:
            running.kill()
            running.communicate()


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as found:
        port: int = found.getsockname()[1]
        return port


def _is_open(running: subprocess.Popen[bytes]) -> bool:
    """Whether it is, once that is known: OpenSSH listens before it runs a command.

    A login may print something first.
    """
    assert running.stdout  # noqa: S101 - for mypy: it is a pipe
    is_open = any(line.strip() == OPEN for line in running.stdout)
    if not is_open:
        running.wait()
    return is_open


def _last(said: IO[bytes], about: str = "") -> str:
    """The last line of what was said about something; empty where nothing was."""
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    return next((line.strip() for line in reversed(lines) if about in line), "")


def _unreachable(host: Host, why: str) -> HostUnreachable:
    return HostUnreachable(
        f"no tunnel through {host.address}", cause=why or None, step="tunnel", host=host.name
    )
