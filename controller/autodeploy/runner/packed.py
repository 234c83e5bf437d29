"""Modules as Ansible has packed them for hosts, kept from one play for the next."""

from __future__ import annotations

import shutil
import sys
from contextlib import suppress
from pathlib import Path

from autodeploy import paths, privatefile
from autodeploy.runner.content import roles_digest

UNFINISHED = (".lock", "-part", privatefile.UNFINISHED)


def place() -> Path:
    """Where they are kept: for these roles and playbooks, this Ansible and this Python alone."""
    from importlib.metadata import version  # A command that runs no play needs none of it.

    ours = f"{roles_digest()}-{version('ansible-core')}-{sys.implementation.cache_tag}"
    return paths.private_folder(paths.home() / "cache/modules") / ours


def lend(place: Path, folder: Path) -> None:
    """Give a play a folder of its own with what those before it have packed.

    Copied, for whoever keeps them may forget them meanwhile; what is not there is packed.
    """
    folder.mkdir(mode=0o700)
    with suppress(OSError, shutil.Error):
        shutil.copytree(place, folder, dirs_exist_ok=True)


def keep(folder: Path, place: Path) -> None:
    """Keep what a play has packed; whatever cannot be kept is packed anew.

    Args:
        folder: The play's own.
        place: As of `place`; what is beside it is of roles, or of an Ansible, that are no more.
    """
    with suppress(OSError):
        packed = [one for one in folder.iterdir() if not one.name.endswith(UNFINISHED)]
        if packed and not place.is_dir():
            _forget(place.parent)
            place.mkdir(mode=0o700)
        for one in packed:
            if not (place / one.name).exists():
                # On disk: a file of nothing, after a power cut, would fail every play.
                privatefile.write(place / one.name, one.read_bytes())


def _forget(folder: Path) -> None:
    for one in folder.iterdir():
        shutil.rmtree(one, ignore_errors=True)
