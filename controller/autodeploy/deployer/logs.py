"""An application's log as its hosts' journals have it. Pure."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

UNIT = re.compile(r"-(?P<process>[a-z0-9-]+)[-.](?P<release>[0-9a-f]{12})\.service")
"""What follows the application's name in its units' names; see roles/service/README.md."""
ENDS = f"[-.]{'[0-9a-f]' * 12}.service"
"""The same as a pattern of file names."""
FIELDS = "MESSAGE,UNIT,_PID,_SYSTEMD_UNIT"
SYSTEMD = "1"
"""Its process id: nobody else is believed what he says of a unit."""
# What comes later is found by its user: a release that is not there yet has no unit's name yet.
FOLLOW = """\
{{ last=$({history} --show-cursor | tee /proc/self/fd/9 | sed -n 's/^-- cursor: //p'); }} 9>&1
user=$(id -u app-{application}) || exit
if [ -n "$last" ]; then from="--no-tail --after-cursor=$last"; else from=--lines=0; fi
exec {journal} --follow $from _UID="$user" + _PID={systemd}"""
SPAN = re.compile(r"(\d{1,6})([smhdw])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True, order=True)
class LogLine:
    """One entry of a log.

    Attributes:
        time: UTC.
        host: The host's name.
        process: Whose it is: a process, `command` for the release command, or `hook`.
        release: The release that it belongs to.
        text: What was said; it may have several lines.
        is_ours: Whether systemd says it of the process, and not the process itself.
    """

    time: datetime
    host: str
    process: str
    release: str
    text: str
    is_ours: bool = False


@dataclass(frozen=True)
class LogQuery:
    """What of a log is wanted.

    Attributes:
        application: Its name.
        process: One process, and what `scale` made beside it; None for all.
        since: The earliest moment, UTC; None for any.
        lines: At most so many, the newest; None for all. A host gives more where `since` is
            given too.
        follow: Whether to wait for more.
    """

    application: str
    process: str | None = None
    since: datetime | None = None
    lines: int | None = None
    follow: bool = False

    def command(self, *, sudo: bool) -> str:
        """The command line that reads a host's journal."""
        journal = ["journalctl", "--no-pager", "--quiet", "--all", "--output=json"]
        journal += [f"--output-fields={FIELDS}"]
        history = shlex.join([*journal, *self._bounds()])
        script = FOLLOW.format(
            history=history,
            application=self.application,
            journal=shlex.join(journal),
            systemd=SYSTEMD,
        )
        words = ["sh", "-c", script if self.follow else f"exec {history}"]
        return shlex.join([*(["sudo", "-n"] if sudo else []), *words])

    def _bounds(self) -> list[str]:
        named = (self.process, f"{self.process}-[0-9]*") if self.process else ("*",)
        units = [f"--unit={self.application}-{one}{ENDS}" for one in named]
        if self.since:
            # With --lines too, Debian 12's gives the first lines, not the last.
            return [*units, f"--since=@{self.since.timestamp():.0f}", "--lines=all"]
        return [*units, f"--lines={self.lines if self.lines is not None else 'all'}"]

    def parse(self, host: str, text: str) -> LogLine | None:
        """A line of the journal's own form; None for what is not asked for, or no entry."""
        try:
            entry = json.loads(text)
        except ValueError:
            return None
        if not isinstance(entry, dict) or "__REALTIME_TIMESTAMP" not in entry:
            return None
        line = self._line(host, entry)
        return line if line and self._wants(line.process) else None

    def _wants(self, process: str) -> bool:
        """Whether it is the process that is asked for, or another one of it."""
        copy = process.removeprefix(f"{self.process}-")
        return self.process in {None, process} or (copy != process and copy.isdecimal())

    def _line(self, host: str, entry: Mapping[str, Any]) -> LogLine | None:
        of_systemd = "UNIT" in entry and entry.get("_PID") == SYSTEMD
        unit = str(entry.get("UNIT" if of_systemd else "_SYSTEMD_UNIT"))
        named = UNIT.fullmatch(unit.removeprefix(self.application))
        if not (named and unit.startswith(self.application)):
            return None
        return LogLine(
            time=_time(str(entry["__REALTIME_TIMESTAMP"])),
            host=host,
            process=named["process"],
            release=named["release"],
            text=_text(entry.get("MESSAGE")),
            is_ours=of_systemd,
        )


def moment(said: str, now: datetime) -> datetime:
    """The moment that `10m`, `2h`, `3d` before now means, or an ISO date and time (UTC).

    Raises:
        ValueError: It is neither.
    """
    if found := SPAN.fullmatch(said):
        return now - timedelta(seconds=int(found[1]) * SECONDS[found[2]])
    moment = datetime.fromisoformat(said)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _time(microseconds: str) -> datetime:
    return datetime.fromtimestamp(int(microseconds) / 1_000_000, UTC)


def _text(message: object) -> str:
    """The journal writes what is no UTF-8 as a list of bytes."""
    if isinstance(message, list):
        return bytes(one for one in message if isinstance(one, int)).decode(errors="replace")
    return "" if message is None else str(message)
