"""One run's log as a file: whole lines, each on disk before the next is written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from autodeploy import privatefile
from autodeploy.errors import NotDeployed, StateError
from autodeploy.paths import private_folder

TAIL = 65536


class Log(Protocol):
    """Where one run's lines are kept, and a few files beside them.

    Attributes:
        id: The run's id.
        name: Its place, for people.
        path: Where its lines lie on this machine.
    """

    id: str
    name: str
    path: Path

    def first(self) -> bytes:
        """The first line without its end; empty where that was cut off.

        Raises:
            NotDeployed: There is no such run.
            StateError: It cannot be read.
        """
        ...

    def lines(self) -> list[bytes]:
        """All whole lines, without their ends; raises as `first`."""
        ...

    def append(self, number: int, line: bytes, *, durable: bool) -> None:
        """Write the line with this number (from 1), its end included.

        What is not `durable` may wait for the next line that is. A line that could not be written
        is not there: nothing of it glues to the next.

        Raises:
            StateError: It could not be written.
        """
        ...

    def read(self, name: str) -> str | None:
        """A file beside the log; None where there is none."""
        ...

    def write(self, name: str, text: str) -> None:
        """Write a file beside the log, whole or not at all."""
        ...


class FileLog:
    """A log in a folder of this machine; see Log."""

    def __init__(self, folder: Path) -> None:
        self.id = folder.name
        self.path = folder / "events.jsonl"
        self.name = str(self.path)

    def first(self) -> bytes:
        """See Log."""
        with _reading(self), self.path.open("rb") as file:
            line = file.readline()
        return line[:-1] if line.endswith(b"\n") else b""

    def lines(self) -> list[bytes]:
        """See Log. A last line that a crash cut off is left out."""
        with _reading(self):
            return self.path.read_bytes().split(b"\n")[:-1]

    def append(self, number: int, line: bytes, *, durable: bool) -> None:  # noqa: ARG002
        """See Log. On this machine every line is durable."""
        if number == 1:
            private_folder(self.path.parent)
        with writing(self.path):
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                _append(descriptor, line)
            finally:
                os.close(descriptor)

    def read(self, name: str) -> str | None:
        """See Log."""
        try:
            return self.path.with_name(name).read_text()
        except FileNotFoundError:
            return None

    def write(self, name: str, text: str) -> None:
        """See Log."""
        path = self.path.with_name(name)
        with writing(path):
            privatefile.write(path, text.encode())


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Let what the disk refuses be told with its place and cause."""
    try:
        yield
    except OSError as error:
        raise StateError(f"cannot write {path}", cause=str(error), step="journal") from error


@contextmanager
def _reading(log: FileLog) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise NotDeployed(f"there is no deployment {log.id}") from error
    except OSError as error:
        raise StateError(f"cannot read {log.path}", cause=str(error), step="journal") from error


def _append(descriptor: int, line: bytes) -> None:
    """The line is there whole, or nothing of it is: also where the disk is full in its midst."""
    end = _end(descriptor)
    try:
        rest = line
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, end)
        raise


def _end(descriptor: int) -> int:
    """Where the last whole line ends; what a crash left after it is cut off."""
    size = end = os.fstat(descriptor).st_size
    while end and os.pread(descriptor, 1, end - 1) != b"\n":
        before = max(end - TAIL, 0)
        end = before + os.pread(descriptor, end - before, before).rfind(b"\n") + 1
    if end < size:
        os.ftruncate(descriptor, end)
    return end
