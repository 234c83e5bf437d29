"""An application's log as its hosts' journals have it. Pure."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

UNIT = re.compile(r"-(?P<process>.+)[-.](?P<release>[0-9a-f]{12})\.service")
"""What follows the application's name in its units' names; see roles/service/README.md."""
FIELDS = "MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,UNIT,_SYSTEMD_UNIT"
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
        process: One process; None for all.
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
        unit = f"{self.application}-{f'{self.process}-' if self.process else ''}*"
        words = ["journalctl", "--no-pager", "--quiet", "--output=json"]
        words += [f"--output-fields={FIELDS}", f"--unit={unit}"]
        if self.since:
            # With --lines too, Debian 12's gives the first lines, not the last.
            words += [f"--since=@{self.since.timestamp():.0f}", "--lines=all"]
        else:
            words += [f"--lines={self.lines if self.lines is not None else 'all'}"]
        words += ["--follow"] if self.follow else []
        return shlex.join([*(["sudo", "-n"] if sudo else []), *words])

    def parse(self, host: str, text: str) -> LogLine | None:
        """A line of the journal's own form; None for what is not asked for, or no entry."""
        try:
            entry = json.loads(text)
        except ValueError:
            return None
        if not isinstance(entry, dict) or "__REALTIME_TIMESTAMP" not in entry:
            return None
        line = self._line(host, entry)
        return line if line and self.process in {None, line.process} else None

    def _line(self, host: str, entry: Mapping[str, Any]) -> LogLine | None:
        of_systemd = "UNIT" in entry
        unit = str(entry.get("UNIT") or entry.get("_SYSTEMD_UNIT"))
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
    """The journal writes what is no UTF-8 as a list of bytes, and nothing for what is too long."""
    if isinstance(message, list):
        return bytes(one for one in message if isinstance(one, int)).decode(errors="replace")
    return "" if message is None else str(message)
