"""Runs on a host, with what Debian has there: see oneoff.py.

A process's unit says how the application runs; systemd-run is told the same.
"""

from __future__ import annotations

import os
import re
import secrets
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

UNITS = Path("/etc/systemd/system")
NO_PROCESS = 97
"""The exit code where the application has no process to run like."""
OWN = {"Type", "Restart", "RestartSec", "ExecStart", "SyslogIdentifier", "KillMode", "Environment"}
"""What a one-off has of its own, or is told another way."""
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
ESCAPED = re.compile(r"\\(x[0-9a-f]{2}|.)")
PLAIN = {"n": "\n", "t": "\t", "r": "\r"}

LOOK_SECONDS = 0.2
"""How long nobody may hear a command without its being ended."""
GONE = select.POLLHUP | select.POLLERR

HEARD = 'trap : INT; /bin/sh -c "$1"; exit $?'
"""The shell that stays when Ctrl-C ends the command: to systemd such an end is a good one."""

Said = Sequence[tuple[str, str]]
"""The lines of a unit's [Service]: name and value."""


def main(application: str, how: str, command: str) -> None:
    """Run it; `how` is --pipe or --pty."""
    release = Path(f"/srv/{application}/current").resolve().name
    unit = process_unit(UNITS, application, release)
    if unit is None:
        sys.exit(NO_PROCESS)
    name = f"{application}-run.{release}-{secrets.token_hex(4)}"
    options = ["--quiet", "--wait", "--collect", how, f"--unit={name}", "--service-type=exec"]
    options += [f"--property={one}" for one in properties(unit)]
    options += [f"--property=SyslogIdentifier={application}-run"]
    options += [f"--setenv={one}" for one in environment(unit)]
    # systemd puts variables in where the shell is to: `$$` is its `$`.
    shell = [one.replace("$", "$$") for one in (HEARD, command)]
    words = ["systemd-run", *options, "--", "/bin/sh", "-c", shell[0], "sh", shell[1]]
    if how == "--pty":
        os.execvp(words[0], words)  # noqa: S606 - it is to have our terminal and our exit code
    sys.exit(heard(words, f"{name}.service"))


def heard(words: list[str], unit: str) -> int:
    """The exit code of what is run, as long as somebody hears it.

    Without a terminal nobody else tells it that the connection has ended.
    """
    poll = select.poll()
    poll.register(1, 0)
    running = subprocess.Popen(words)
    while running.poll() is None:
        if any(event & GONE for _descriptor, event in poll.poll(0)):
            subprocess.run(["systemctl", "stop", unit], check=False)
            running.wait()
        else:
            with suppress(subprocess.TimeoutExpired):
                running.wait(timeout=LOOK_SECONDS)
    return running.returncode


def process_unit(units: Path, application: str, release: str) -> Said | None:
    """The process `web`'s, or another's where there is none; None where there is no process."""
    ends = f"-{release}.service"
    names = [one.name for one in units.glob(f"{application}-*{ends}")]
    if not names:
        return None
    chosen = min(names, key=lambda one: (one != f"{application}-web{ends}", one))
    # Only "\n" ends a line: variables may hold whatever else is taken for an end.
    text = (units / chosen).read_bytes().decode()
    service = text.partition("\n[Service]\n")[2].partition("\n[")[0]
    pairs = (line.partition("=") for line in service.split("\n") if "=" in line)
    return [(name, value) for name, _, value in pairs]


def properties(unit: Said) -> list[str]:
    """What systemd-run is to set, `NAME=VALUE`."""
    return [f"{name}={value.replace('%%', '%')}" for name, value in unit if name not in OWN]


def environment(unit: Said) -> Iterator[str]:
    """The variables that stand in the unit, without its quotes and escapes."""
    for name, value in unit:
        for quoted in QUOTED.findall(value) if name == "Environment" else ():
            yield ESCAPED.sub(_plain, quoted.replace("%%", "%"))


def _plain(found: re.Match[str]) -> str:
    code = found[1]
    return chr(int(code[1:], 16)) if len(code) == 3 else PLAIN.get(code, code)


if __name__ == "__main__":
    main(*sys.argv[1:])
