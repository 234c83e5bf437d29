"""A constant load that sees every request that is lost.

    with load(url, connections=10) as seen:
        deploy(...)
    assert seen.lost == []
    assert seen.releases == ["old", "new"]

The body `with` begins when each connection has had an answer, and each makes one more request after
it has ended: so what answers before and after is always among what was seen.
"""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PAUSE = 0.02
SECONDS = 10


@dataclass(frozen=True)
class Request:
    """One request and what came of it.

    Attributes:
        connection: The number of its connection; even ones are kept alive, odd ones new each time.
        seconds: How long it took.
        status: The answer's status; None where there was no whole answer.
        body: The answer's body, stripped.
        error: Why there was none.
    """

    connection: int
    seconds: float
    status: int | None
    body: str
    error: str | None

    @property
    def is_lost(self) -> bool:
        return self.status is None or not 200 <= self.status < 300


@dataclass
class Seen:
    """All requests, in the order in which they ended."""

    requests: list[Request] = field(default_factory=list)

    @property
    def lost(self) -> list[Request]:
        return [one for one in self.requests if one.is_lost]

    @property
    def releases(self) -> list[str]:
        """The bodies of what was not lost, in the order in which they first came."""
        return list(dict.fromkeys(one.body for one in self.requests if not one.is_lost))


@contextmanager
def load(url: str, connections: int = 10) -> Iterator[Seen]:
    """Ask for `url` on so many connections at once, each a fiftieth of a second after its answer.

    Raises:
        AssertionError: Before the body: a request was lost although nothing has happened yet.
    """
    seen, stop, answered = Seen(), threading.Event(), threading.Barrier(connections + 1)
    threads = [
        threading.Thread(target=_ask, args=(url, number, seen.requests, stop, answered))
        for number in range(connections)
    ]
    for thread in threads:
        thread.start()
    try:
        answered.wait(2 * SECONDS)
        assert seen.lost == [], "nothing has happened yet"
        yield seen
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _ask(
    url: str,
    number: int,
    requests: list[Request],
    stop: threading.Event,
    answered: threading.Barrier,
) -> None:
    where, is_kept = urlsplit(url), number % 2 == 0
    connection = http.client.HTTPConnection(where.netloc, timeout=SECONDS)
    path = where.path + (f"?{where.query}" if where.query else "") or "/"
    requests.append(_one(connection, path, number, is_kept))
    answered.wait(2 * SECONDS)
    is_last = False
    while not is_last:
        is_last = stop.wait(PAUSE)  # What is asked after it was set is the last.
        requests.append(_one(connection, path, number, is_kept))
    connection.close()


def _one(connection: http.client.HTTPConnection, path: str, number: int, is_kept: bool) -> Request:
    """One request. http.client connects again where the answer before has said `close`."""
    began, status, body, error = time.monotonic(), None, "", None
    try:
        connection.request("GET", path, headers={} if is_kept else {"Connection": "close"})
        answer = connection.getresponse()
        body = answer.read().decode(errors="replace").strip()
        status = answer.status
    except (OSError, http.client.HTTPException) as problem:
        error = f"{type(problem).__name__}: {problem}"
    if error or not is_kept:
        connection.close()
    return Request(number, time.monotonic() - began, status, body, error)
