"""How far git is: read from what it tells people, and told on now and then."""

from __future__ import annotations

import re
import time

from autodeploy.recon.talk import Talk

# Lines that begin with "remote:" are the server's words and not git's own count.
COUNT = re.compile(
    rb"(?:^|[\r\n])(Receiving objects|Resolving deltas|Updating files): +"
    rb"(?P<percent>\d+)% \((?P<done>\d+)/\d+\)(?:, (?P<size>[\d.]+ \w+))?"
    rb"(?=[^\r\n]*[\r\n])"
)
QUIET_SECONDS = 2.0
STEP = 10


class Progress:
    """The progress of all commands for one address."""

    def __init__(self, log: Talk) -> None:
        self._log = log
        self._began = time.monotonic()
        self._last: re.Match[bytes] | None = None
        self._said: tuple[bytes, int] | None = None

    def moved(self, stderr: bytes) -> bool:
        """Whether git got further since the last call, by its standard error so far."""
        *_, last = None, *COUNT.finditer(stderr)
        if last is None or (self._last and last.groups() == self._last.groups()):
            return False
        self._last = last
        self._tell(last)
        return True

    def _tell(self, count: re.Match[bytes]) -> None:
        """One line each ten per cent, once it takes long enough to wonder."""
        percent = int(count["percent"])
        step = (count[1], percent // STEP)
        if step == self._said or time.monotonic() - self._began < QUIET_SECONDS:
            return
        self._said = step
        size = f", {count['size'].decode()}" if count["size"] else ""
        self._log.info(f"{count[1].decode().lower()}: {percent} %{size}")
