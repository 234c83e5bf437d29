"""The folders in which builds run: numbered, the first free one each time.

Some tools write the path that they run in into what they make (webpack's chunks). So a build gets
the folder that the build before it had, and the same source the same bytes.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autodeploy.compiler.takeback import remove
from autodeploy.paths import private_folder

GONE = ".gone-"


@contextmanager
def slot(cache: Path) -> Iterator[Path]:
    """A new folder, held until its end; then it is gone. What dead builds left goes before."""
    builds, locks = private_folder(cache / "builds"), private_folder(cache / "locks")
    _sweep(builds, locks)
    folder, descriptor = _first_free(builds, locks)
    try:
        folder.mkdir(0o700)
        yield folder
    finally:
        gone = folder.rename(builds / f"{GONE}{secrets.token_hex(4)}")
        os.close(descriptor)
        # Thousands of files go beside what follows; only the interpreter's end waits for that.
        threading.Thread(target=remove, args=(gone,)).start()


def held(cache: Path, name: str) -> bool:
    """Whether a build runs in `builds/NAME`."""
    descriptor = _lock(cache / "locks", name)
    if descriptor is not None:
        os.close(descriptor)
    return descriptor is None


def _sweep(builds: Path, locks: Path) -> None:
    for folder in builds.iterdir():
        if folder.name.startswith(GONE):
            remove(folder)
        elif (descriptor := _lock(locks, folder.name)) is not None:
            remove(folder)
            os.close(descriptor)


def _first_free(builds: Path, locks: Path) -> tuple[Path, int]:
    number = 1
    while (descriptor := _lock(locks, str(number))) is None:
        number += 1
    return builds / str(number), descriptor


def _lock(locks: Path, name: str) -> int | None:
    """A lock that dies with its owner; None where another has it."""
    path = locks / f"build-{name}"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
