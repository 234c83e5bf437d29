"""A checkout on disk as a store: bounded, and nothing outside it is ever opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from autodeploy.recon.tree import MAX_BYTES, MAX_NAMES, Names


class Disk:
    """The files below `root`."""

    def __init__(self, root: Path, only: Iterable[str] | None = None) -> None:
        """Describe them.

        Args:
            root: The folder.
            only: The files, relative to it, besides which nothing is there; None for no bounds.
        """
        self._root = os.path.realpath(root)
        self._only = None if only is None else self._with_folders(only)

    def names(self, folder: str) -> Names:
        """Links to files are files; links to folders, and links out of the tree, are neither."""
        files, folders = [], []
        place = self._inside(folder)
        entries: Iterator[os.DirEntry[str]] = iter(())
        with suppress(OSError):
            entries = os.scandir(place) if place else entries
        for entry in islice(entries, MAX_NAMES):
            with suppress(OSError):
                if not self._shown(entry.path):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                elif entry.is_file(follow_symlinks=False) or self._leads_to_file(entry):
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

    def folder(self, path: str) -> str | None:
        """The real place of a folder, from the root; None where there is none inside the tree."""
        place = self._inside(path)
        if place is None or not os.path.isdir(place):  # noqa: PTH112
            return None
        return place[len(self._root) :].lstrip(os.sep)

    def _with_folders(self, files: Iterable[str]) -> frozenset[str]:
        shown = {self._root}
        for name in files:
            place = f"{self._root}{os.sep}{name}"
            while place not in shown:
                shown.add(place)
                place = place.rpartition(os.sep)[0]
        return frozenset(shown)

    def _shown(self, place: str) -> bool:
        return self._only is None or place in self._only

    def _leads_to_file(self, entry: os.DirEntry[str]) -> bool:
        if not entry.is_symlink():
            return False
        place = self._inside(entry.path)
        return place is not None and os.path.isfile(place)  # noqa: PTH113

    def _inside(self, path: str) -> str | None:
        """The real place of a path; None where a link or `..` leads out of the tree."""
        try:
            place = os.path.realpath(os.path.join(self._root, path))  # noqa: PTH118
        except (OSError, ValueError):
            return None
        inside = place == self._root or place.startswith(self._root + os.sep)
        return place if inside and self._shown(place) else None
