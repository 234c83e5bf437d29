"""The cache folder of an application: one controller at a time, nothing half-made in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from autodeploy.errors import ReconError
from autodeploy.flock import locked
from autodeploy.paths import private_folder

HALF_MADE = ("*.lock", "tmp_*")

T = TypeVar("T")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the cache folder, and take away what an interrupted run left: a second one waits."""
    private_folder(folder)
    with locked(folder / "lock"):
        _sweep(folder)
        yield


@contextmanager
def begun(folder: Path) -> Iterator[Path]:
    """A folder for something that is not whole yet; gone afterwards unless renamed."""
    with TemporaryDirectory(prefix="begun-", dir=folder, ignore_cleanup_errors=True) as place:
        tree = Path(place) / "tree"
        tree.mkdir()
        yield tree


def twice(work: Callable[[], T], kept: Path) -> T:
    """Do the work with what is kept; where git cannot work with that, once more without.

    Raises:
        ReconError: What the work raised; a class that names a cause is raised at once.
    """
    used_before = kept.exists()
    try:
        return work()
    except ReconError as error:
        if type(error) is not ReconError or not used_before:
            raise
    shutil.rmtree(kept)
    return work()


def _sweep(folder: Path) -> None:
    for left in folder.glob("begun-*"):
        shutil.rmtree(left, ignore_errors=True)
    for mirror in folder.glob("*.git"):
        for pattern in HALF_MADE:
            for left in mirror.rglob(pattern):
                left.unlink(missing_ok=True)
