"""What a build command prints: shown while it runs, its end kept for the error."""

from __future__ import annotations

import re
from collections import deque
from typing import IO

from autodeploy.compiler.talk import Talk

KEPT_LINES = 40
READ_LINES = 400
LOGGED_LINES = 400
LINE_BYTES = 64 * 1024
LINE_SHOWN = 500
# What unshare says when it is ended with the build; nobody can do anything about it.
OF_THE_KILLED = "unshare: sigprocmask unblock failed: Invalid argument"
CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|[\x00-\x08\x0b-\x1f\x7f]")
CREDENTIALS = re.compile(r"(\w+://)[^/\s@]+@")


class Output:
    """A command's output: a bounded part of it in the log, its end kept.

    Attributes:
        late: Whether the command ran out of time.
    """

    def __init__(self, log: Talk) -> None:
        self.late = False
        self._log = log
        self._kept: deque[str] = deque(maxlen=READ_LINES)
        self._count = 0

    def read(self, stream: IO[bytes]) -> None:
        """Take all lines until the stream's end, and close it."""
        with stream:
            while line := stream.readline(LINE_BYTES):
                self._take(line)

    def end(self) -> str:
        """The last lines, as the error shows them."""
        return "\n".join(list(self._kept)[-KEPT_LINES:])

    def whole(self) -> str:
        """More of the last lines: npm and compilers say first what is wrong, and then much else."""
        return "\n".join(self._kept)

    def _take(self, raw: bytes) -> None:
        text = CONTROL.sub("", raw.decode(errors="replace").rstrip("\r\n"))[:LINE_SHOWN]
        line = CREDENTIALS.sub(r"\1***@", text)
        if not line.strip() or line == OF_THE_KILLED:
            return
        self._kept.append(line)
        self._count += 1
        if self._count <= LOGGED_LINES:
            self._log.info(line)
        elif self._count == LOGGED_LINES + 1:
            self._log.info("(more output, not logged)")
