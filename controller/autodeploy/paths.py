"""Where autodeploy keeps what it writes, and where it finds what it ships."""

from __future__ import annotations

import os
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


def ansible_content() -> Path:
    """The folder of `playbooks/`, `roles/` and `ansible.cfg`: the wheel's, or the checkout."""
    package = Path(__file__).parent
    shipped = package / "_ansible"
    return shipped if shipped.is_dir() else package.parents[1]
