"""Clients of every kind of application, some of which ask all the time."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 900
"""Seconds: some requests end only when a deployment has."""


def post(url: str, body: bytes) -> int:
    """The status that a body gets."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    try:
        connection.request("POST", "/", body)
        return connection.getresponse().status
    finally:
        connection.close()


def answer(url: str, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """What a path answers: status, headers by lower-case name, body."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers=headers)
        found = connection.getresponse()
        lower = {name.lower(): value for name, value in found.getheaders()}
        return found.status, lower, found.read().decode()
    finally:
        connection.close()


class Line:
    """A TCP connection to `tcp://HOST:PORT` that speaks in lines."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=30)
        self._file = self._socket.makefile("rw")

    def say(self, line: str) -> str:
        """The line that comes back."""
        self._file.write(f"{line}\n")
        self._file.flush()
        return self._file.readline().strip()

    def close(self) -> None:
        self._file.close()
        self._socket.close()


class Upgraded(Line):
    """The same through HTTP's Upgrade, as websockets go."""

    def __init__(self, url: str) -> None:
        host = urlsplit(url).hostname
        super().__init__(f"tcp://{host}:80")
        for line in ("GET /live HTTP/1.1", f"Host: {host}", "Connection: Upgrade"):
            self._file.write(f"{line}\r\n")
        self._file.write("Upgrade: lines\r\n\r\n")
        self._file.flush()
        self.status = self._file.readline().split()[1]
        while self._file.readline().strip():
            pass


@contextmanager
def asking(once: Callable[[], Any]) -> Iterator[list[Any]]:
    """Ask all the time; the answers and what went wrong, in order, are whole afterwards."""
    seen: list[Any] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                seen.append(once())
            except (OSError, http.client.HTTPException) as error:
                seen.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()
