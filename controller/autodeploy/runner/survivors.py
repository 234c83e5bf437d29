"""What a controller that was killed leaves: playbooks that go on, folders, open connections.

Each play's folder has a link in the application's private folder for as long as it runs, and its
path is in the environment of all that the play has started here.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autodeploy.marked import end_marked
from autodeploy.runner.connections import close, end

LINKS = "plays"
CONNECTIONS = "cp"


@contextmanager
def recorded(application: Path) -> Iterator[Path]:
    """A private folder for one play, removed afterwards.

    Args:
        application: The application's private folder.
    """
    place = Path(tempfile.mkdtemp(prefix="autodeploy-"))
    link = application / LINKS / place.name
    link.parent.mkdir(mode=0o700, exist_ok=True)
    link.symlink_to(place)
    try:
        yield place
    finally:
        _remove(place)
        link.unlink(missing_ok=True)


def end_survivors(application: Path) -> int:
    """End what a controller that was killed has left; how many plays that were.

    Only the holder of the application's lease may do this.
    """
    links = list((application / LINKS).glob("*"))
    for link in links:
        place = link.readlink()
        if _is_ours(place):
            end_play(place)
            _remove(place)
        link.unlink()
    end(application)
    return len(links)


def _is_ours(place: Path) -> bool:
    """A link that was left behind may lead to what somebody else has made there since."""
    try:
        status = place.lstat()
    except OSError:
        return False
    return status.st_uid == os.geteuid() and not status.st_mode & 0o077


def end_play(place: Path) -> None:
    """End everything that a play with this folder has started here."""
    end_marked(f"={place}/")


def _remove(place: Path) -> None:
    close(place / CONNECTIONS)
    shutil.rmtree(place, ignore_errors=True)
