"""One SSH connection a host, kept open over a whole deployment.

While `connections` lasts, a link in the application's private folder leads to a folder of OpenSSH's
control sockets. Whatever goes to a host with the keys that are pinned beside that link, also from
another process, goes through them: the first opens the connection, and so does the next where it
was lost.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LINK = "connections"
SHORT = "/tmp"  # noqa: S108 - a socket's path has room for 104 bytes, and TMPDIR can be long
IDLE_SECONDS = 600
"""After which a connection closes by itself, where the controller was killed."""
CLOSE_SECONDS = 10


@contextmanager
def connections(folder: Path) -> Iterator[None]:
    """Connections to an application's hosts are kept open inside, and are closed at the end.

    Args:
        folder: The application's private folder; only the holder of its lease may do this.
    """
    place = tempfile.mkdtemp(prefix="autodeploy-", dir=SHORT)
    (folder / LINK).symlink_to(place)
    try:
        yield
    finally:
        end(folder)


def control_path(folder: Path) -> str | None:
    """OpenSSH's ControlPath for an application's hosts; None where no connection is kept open."""
    link = folder / LINK
    try:
        status = link.stat()
    except OSError:
        return None
    # A link that was left behind may lead to what somebody else has made there since.
    ours = status.st_uid == os.geteuid() and not status.st_mode & 0o077
    return f"{link.readlink()}/%C" if ours else None


def sharing(folder: Path) -> list[str]:
    """OpenSSH options that go through the open connection or open it; none where none is kept."""
    path = control_path(folder)
    if path is None:
        return []
    said = {"ControlPath": path, "ControlMaster": "auto", "ControlPersist": IDLE_SECONDS}
    return [part for name, value in said.items() for part in ("-o", f"{name}={value}")]


def close(place: Path) -> None:
    """Close every connection that has its socket in the folder."""
    for socket in place.glob("*"):
        line = ["ssh", "-F", "/dev/null", "-o", f"ControlPath={socket}", "-O", "exit", "host"]
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(line, capture_output=True, check=False, timeout=CLOSE_SECONDS)


def end(folder: Path) -> None:
    """Close an application's connections, if any are kept open here.

    Args:
        folder: As in `connections`.
    """
    if control_path(folder):
        place = (folder / LINK).readlink()
        close(place)
        shutil.rmtree(place, ignore_errors=True)
    (folder / LINK).unlink(missing_ok=True)
