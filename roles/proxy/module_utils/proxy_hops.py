"""One hop of a request's way, asked until it answers well."""

from __future__ import annotations

import http.client
import socket
import time

TRIES = 20
PAUSE_SECONDS = 0.25
KEPT_SECONDS = 0.5
ACCEPTED = "accepted"
"""The answer of what takes a connection and keeps it: more cannot be asked where it is no HTTP."""


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a UNIX socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def ask(connection, path):
    """The status of a path; None where there is no answer."""
    try:
        connection.request("GET", path, headers={"User-Agent": "autodeploy-health"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def accepts(connection):
    """ACCEPTED where a connection is taken and kept; None where not.

    The socket takes every connection, and ends those that it cannot hand on.
    """
    try:
        connection.connect()
        connection.sock.settimeout(KEPT_SECONDS)
        return ACCEPTED if connection.sock.recv(1) else None
    except TimeoutError:
        return ACCEPTED
    except OSError:
        return None
    finally:
        connection.close()


def is_good(answer, below):
    """Whether this hop works; the release itself was judged before it came here."""
    return answer == ACCEPTED or (answer is not None and answer < below)


def patiently(request, below):
    """The first good answer; the last one where there is none."""
    answer = request()
    for _again in range(TRIES - 1):
        if is_good(answer, below):
            break
        time.sleep(PAUSE_SECONDS)
        answer = request()
    return answer
