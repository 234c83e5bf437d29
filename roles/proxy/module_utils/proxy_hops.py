"""One hop of a request's way, asked until it answers well."""

from __future__ import annotations

import http.client
import socket
import time

TRIES = 20
PAUSE_SECONDS = 0.25
BAD_FROM = 500


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


def is_good(status):
    """Whether this hop works; the release itself was judged before it came here."""
    return status is not None and status < BAD_FROM


def patiently(request):
    """The first good answer; the last one where there is none."""
    status = request()
    for _again in range(TRIES - 1):
        if is_good(status):
            break
        time.sleep(PAUSE_SECONDS)
        status = request()
    return status
