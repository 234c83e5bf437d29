"""A controller that dies at one of its calls: a process of its own, ended by SIGKILL."""

from __future__ import annotations

import errno
import os
import resource
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Literal, NamedTuple
from unittest.mock import patch
from urllib.parse import urlsplit

from autodeploy.aws import Cloud
from autodeploy.aws.cloud import Call
from autodeploy.errors import StateError
from autodeploy.journal import Journal, journal, store
from labkit import until

ANY = "*"
READS = ("Describe", "Get", "List")
CLOSE_WAIT = "08"
FULL = 7
When = Literal["unsent", "unheard", "unwritten"]
WHENS: tuple[When, ...] = ("unsent", "unheard", "unwritten")
"""Before the call is sent; after the API has committed it, and before its answer is read; after
the answer, and before the journal has it."""


class Point(NamedTuple):
    """The call with number `nth` (from 1) of an operation: `CreateSubnet#3`.

    The operation `ANY` is all that change something.
    """

    operation: str
    nth: int

    def __str__(self) -> str:
        return f"{self.operation}#{self.nth}"

    def is_of(self, operation: str) -> bool:
        """Whether such a call counts."""
        if self.operation == ANY:
            return not operation.startswith(READS)
        return operation == self.operation


def points(calls: Iterable[Call]) -> list[Point]:
    """Every mutating call that was made."""
    seen: Counter[str] = Counter()
    found = []
    for call in calls:
        operation = call.action.split(":")[1]
        if not operation.startswith(READS):
            seen[operation] += 1
            found.append(Point(operation, seen[operation]))
    return found


def killed(work: Callable[[], object], door: Cloud, point: Point, when: When) -> None:
    """Do the work in another process until it dies at the point, and wait for the API.

    Args:
        work: Talks to AWS through `door` alone.
        door: With all its clients, none of which has talked yet: connections are not shared.
        point: Where it dies.
        when: At what instant.
    """

    def arm() -> Callable[..., Any]:
        death = Death(point, when)
        for client in door._clients.values():
            death.listen(client)
        return death.write()

    assert _dies(work, door, arm), f"{point} was not reached"


def killed_writing(work: Callable[[], object], door: Cloud, number: int) -> bool:
    """The same before the write with this number (from 1) to its journal; whether it was reached.

    Args:
        work: As in `killed`.
        door: As in `killed`.
        number: Of the write that it does not live to make.
    """
    real, left = Journal.write, iter(range(1, number))

    def write(journal: Journal, event: Any) -> Any:
        if next(left, None) is None:
            die(f"write {number}")
        return real(journal, event)

    return _dies(work, door, lambda: write)


def starved(work: Callable[[], object], door: Cloud, size: int) -> bool:
    """Do the work in another process where no file gets larger than `size` bytes.

    Whether it ended as a full disk must: with an error of ours that says so.
    """
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        try:
            ended = work()
            # A line that was too long for what was left: shorter ones, which tell of it, were not.
            os._exit(FULL if _tells_of_full_disk(getattr(ended, "error", None)) else 0)
        except StateError as error:
            os._exit(FULL if _tells_of_full_disk(error) else 0)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    until(lambda: not unread(door.endpoint_url), pause=0.001)
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == FULL


def _tells_of_full_disk(error: Any) -> bool:
    return str(errno.EFBIG) in str(getattr(error, "cause", None))


@contextmanager
def clock_back(seconds: float) -> Iterator[None]:
    """The journal's clock is behind by so much."""

    class Behind(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.now(tz) - timedelta(seconds=seconds)

    with patch.object(journal, "datetime", Behind), patch.object(store, "datetime", Behind):
        yield


def _dies(work: Callable[[], object], door: Cloud, arm: Callable[[], Callable[..., Any]]) -> bool:
    """Whether the work's process was killed, with `arm`'s journal writer, before it was done."""
    child = os.fork()
    if child == 0:
        try:
            with patch.object(Journal, "write", arm()):
                work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    until(lambda: not unread(door.endpoint_url), pause=0.001)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


class Death:
    """Listens to the calls of a process, and ends it."""

    def __init__(self, point: Point, when: When) -> None:
        self._point, self._when = point, when
        self._met, self._lock = 0, threading.Lock()
        self._here = threading.local()

    def listen(self, client: Any) -> None:
        """Hear this client's calls too."""
        events = client.meta.events
        events.register_first("before-send", self._sending)
        events.register_first("before-parse", self._unread)
        events.register_last("after-call", self._heard)

    def _sending(self, event_name: str, **_: Any) -> None:
        if not self._point.is_of(event_name.rpartition(".")[2]):
            return
        with self._lock:
            self._met += 1
            self._here.it_is = self._met == self._point.nth
            self._here.operation = event_name.rpartition(".")[2]
        self._die_if("unsent")

    def _unread(self, **_: Any) -> None:
        self._die_if("unheard")

    def _heard(self, **_: Any) -> None:
        if self._now("unwritten"):
            self._here.heard = True

    def write(self) -> Callable[..., Any]:
        """The journal's method, which dies before it writes what the call's answer has brought."""
        real = Journal.write

        def write(journal: Journal, event: Any) -> Any:
            if getattr(self._here, "heard", False):
                die(f"{self._here.operation} unwritten")
            return real(journal, event)

        return write

    def _die_if(self, when: When) -> None:
        if self._now(when):
            die(f"{self._here.operation} {when}")

    def _now(self, when: When) -> bool:
        return self._when == when and getattr(self._here, "it_is", False)


def die(where: str) -> None:
    """End this process at once; its last words say where."""
    os.write(2, f"died at {where}\n".encode())
    os.kill(os.getpid(), signal.SIGKILL)


def unread(endpoint_url: str | None) -> bool:
    """Whether the API has still to read, or to answer, what a dead process has sent it."""
    port = f":{urlsplit(endpoint_url or '').port:04X}"
    lines = [one.split() for one in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(one[1].endswith(port) and one[3] == CLOSE_WAIT for one in lines)
