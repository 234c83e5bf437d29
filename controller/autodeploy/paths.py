"""Where autodeploy keeps what it writes, and where it finds what it ships."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import platformdirs

from autodeploy.errors import StateError


def home() -> Path:
    """AUTODEPLOY_HOME, else the platform's folder for state."""
    configured = os.environ.get("AUTODEPLOY_HOME")
    return Path(configured).absolute() if configured else platformdirs.user_state_path("autodeploy")


def private_folder(path: Path) -> Path:
    """Make `path` (mode 0700) with its parents and give it back.

    Raises:
        StateError: It cannot be made.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(f"the folder {path} cannot be made", cause=str(error)) from error
    return path


WAYS_OUT = {
    errno.EROFS: "It is mounted read-only: mount it so that it can be written",
    errno.ENOSPC: "Make room on its file system",
    errno.EDQUOT: "Make room: the quota of its file system is used up",
}


def refuse_unwritable(folder: Path) -> None:
    """Try to write there, before anything is done that must be written down.

    Raises:
        StateError: It cannot be written, with why and what to do.
    """
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"autodeploy")
    except OSError as error:
        way = WAYS_OUT.get(error.errno or 0, "Give its files to the user who deploys")
        raise StateError(
            f"the folder {folder} cannot be written: nothing was begun",
            cause=str(error),
            remediation=f"{way}, or set AUTODEPLOY_HOME to another folder.",
        ) from error


def ansible_content() -> Path:
    """The folder of `playbooks/`, `roles/` and `ansible.cfg`: the wheel's, or the checkout."""
    package = Path(__file__).parent
    shipped = package / "_ansible"
    return shipped if shipped.is_dir() else package.parents[1]
