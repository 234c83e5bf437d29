"""A checkout on disk as a store: bounded, and nothing outside it is ever opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from autodeploy.recon.tree import MAX_BYTES, MAX_NAMES, Names


class Disk:
    """The files below `root`."""

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)

    def names(self, folder: str) -> Names:
        """Links to files are files; links to folders are neither."""
        files, folders = [], []
        place = self._inside(folder)
        entries: Iterator[os.DirEntry[str]] = iter(())
        with suppress(OSError):
            entries = os.scandir(place) if place else entries
        for entry in islice(entries, MAX_NAMES):
            with suppress(OSError):  # a link to itself is neither
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                elif entry.is_file():
                    files.append(entry.name)
        return Names(files, folders)

    def content(self, path: str) -> bytes | None:
        """The file's bytes; None where it is no regular file of bounded size inside the root."""
        place = self._inside(path)
        if place is None:
            return None
        try:
            descriptor = os.open(place, os.O_RDONLY | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as stream:
                status = os.fstat(stream.fileno())
                if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
                    return None
                return stream.read(MAX_BYTES)
        except OSError:
            return None

    def _inside(self, path: str) -> str | None:
        """The real place of a path; None where a link or `..` leads out of the tree."""
        try:
            place = os.path.realpath(os.path.join(self._root, path))  # noqa: PTH118
        except (OSError, ValueError):
            return None
        return place if place == self._root or place.startswith(self._root + os.sep) else None
