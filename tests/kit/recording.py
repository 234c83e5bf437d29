"""docs/recording.cast and .svg: the quick start on a terminal. `make recording` makes them."""

from __future__ import annotations

import os
import pty
import select
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from fcntl import ioctl
from pathlib import Path
from struct import pack
from termios import TIOCSWINSZ

from autodeploy.lab.site import Site
from cast import Cast, hastened, picture
from documented import steps

ROOT = Path(__file__).parents[2]
CAST, PICTURE = ROOT / "docs/recording.cast", ROOT / "docs/recording.svg"
PAGE = ROOT / "docs/quickstart.md"
LEFT_OUT = (
    *("make", "python3", "~/", "export", "autodeploy doctor", "autodeploy lab"),
    *("autodeploy plan", "autodeploy status", "autodeploy logs"),
)
"""How commands begin that are not in the recording: installing, and what prints much."""
SHOWN = "claim : Take the host for the application alone"
"""The picture is of when that is said: in the midst of the first deployment."""
WIDTH, HEIGHT, LONGEST_PAUSE, LONGEST = 100, 30, 1.5, 55.0


def story() -> list[str]:
    """The commands of the recording."""
    return [one.command for one in steps(PAGE) if not one.command.startswith(LEFT_OUT)]


def typed(command: str) -> str:
    """A command as it stands on a terminal."""
    first, *more = command.splitlines()
    return "".join(f"{line}\n" for line in (f"$ {first}", *(f"> {one}".rstrip() for one in more)))


def record(commands: Iterable[str], home: Path) -> Cast:
    """Type the commands into a shell on a terminal of its own."""
    shown = "".join(f"printf %s {shlex.quote(typed(one))}\nsleep 1\n{one}\n" for one in commands)
    ours, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, pack("HHHH", HEIGHT, WIDTH, 0, 0))
    environ = {**os.environ, "HOME": str(home), "TERM": "xterm-256color", "no_proxy": "10.0.0.0/8"}
    shell = ["bash", "--norc", "-ec", shown]
    with subprocess.Popen(
        shell, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True
    ) as process:
        os.close(theirs)
        said = [(at, _nameless(text, home)) for at, text in _lines(ours)]
    assert process.returncode == 0, "".join(text for _, text in said)
    return Cast(WIDTH, HEIGHT, hastened(said, LONGEST_PAUSE, LONGEST))


def _lines(terminal: int) -> Iterator[tuple[float, str]]:
    """What is printed and when; a text ends where nothing comes for a moment, so no word is cut."""
    begun, pending = time.monotonic(), b""
    while True:
        ready = select.select([terminal], [], [], 0.02 if pending else None)[0]
        try:
            new = os.read(terminal, 65536) if ready else b""
        except OSError:  # The shell has ended.
            new, ready = b"", []
            if not pending:
                return
        pending += new
        if not ready and pending:
            yield time.monotonic() - begun, pending.decode()
            pending = b""


def _nameless(text: str, home: Path) -> str:
    """Without the places of this machine."""
    names = {
        str(Site.here().folder.parent): "~/.local/state/autodeploy",
        str(home): "~",
        str(ROOT): "~/autodeploy",
        str(Path(sys.executable).resolve()): "/usr/bin/python3",
        str(Path.home()): "~",  # Of what is cut off at the terminal's edge, too.
    }
    for place, name in names.items():
        text = text.replace(place, name)
    return text


def main() -> None:
    """Record, and write both files."""
    with tempfile.TemporaryDirectory(prefix="autodeploy-") as folder:
        made = record(story(), Path(folder))
        assert folder not in made.document()
        assert str(ROOT) not in made.document()
    CAST.write_text(made.document())
    PICTURE.write_text(picture(made, SHOWN))


if __name__ == "__main__":
    main()
