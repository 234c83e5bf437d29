"""A commit in a mirror as a store: nothing is checked out, contents come when they were asked for.

A file whose content is not known yet has none, and is noted as wanted. So detection runs, `fill`
brings what it wanted, and it runs again, until it wants nothing: the list of files that matter is
the detection itself.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Protocol

from autodeploy.recon.tree import MAX_NAMES, Names

FOLDER, SUBMODULE, LINK = "040000", "160000", "120000"
MAX_LINKS = 40
LONGEST_LINK = 4096
MAX_CONTENTS = 2000


class Contents(Protocol):
    """Where contents come from."""

    def contents(self, ids: Sequence[str]) -> dict[str, bytes | None]:
        """The contents by object; None where it is too large."""


class Commit:
    """The files of a commit.

    Attributes:
        empty: Whether there is nothing in it.
        submodules: Paths of other repositories; they are empty folders here.
    """

    def __init__(self, listing: bytes, objects: Contents) -> None:
        """Read the names.

        Args:
            listing: As `git ls-tree -r -z` writes it.
            objects: Where contents come from.
        """
        self._objects = objects
        self._files: dict[str, tuple[str, str]] = {}
        self._folders: dict[str, dict[str, str]] = {"": {}}
        self._known: dict[str, bytes | None] = {}
        self._wanted: dict[str, None] = {}
        for entry in os.fsdecode(listing).split("\0"):
            if entry:
                self._add(*entry.split("\t", 1))
        self.empty = not self._files
        self.submodules = [path for path, (mode, _) in self._files.items() if mode == SUBMODULE]

    def names(self, folder: str) -> Names:
        """Links to files are files; links to folders, and links out of the tree, are neither."""
        place = self._real(folder)
        modes = self._folders.get(place, {}) if place is not None else {}
        files, folders = [], []
        for name, mode in islice(modes.items(), MAX_NAMES):
            if mode in (FOLDER, SUBMODULE):
                folders.append(name)
            elif mode != LINK or self._is_file(f"{place}/{name}".lstrip("/")):
                files.append(name)
        return Names(files, folders)

    def content(self, path: str) -> bytes | None:
        """The file's bytes; None where it is no file of bounded size, or not known yet."""
        place = self._real(path)
        mode, name = self._files.get(place or "", (SUBMODULE, ""))
        return None if mode == SUBMODULE else self._content(name)

    def folder(self, path: str) -> str | None:
        """The real place of a folder, from the root; None where there is none inside the tree."""
        place = self._real(path)
        if place is None:
            return None
        known = place in self._folders or self._files.get(place, ("", ""))[0] == SUBMODULE
        return place if known else None

    def fill(self) -> bool:
        """Bring what was wanted since the last call; whether there was anything.

        Raises:
            ReconError: It cannot be had.
        """
        room = MAX_CONTENTS - len(self._known)
        wanted, self._wanted = list(self._wanted), {}
        self._known.update(dict.fromkeys(wanted[room:]))
        if wanted[:room]:
            self._known.update(self._objects.contents(wanted[:room]))
        return bool(wanted[:room])

    def _add(self, about: str, path: str) -> None:
        mode, _, name = about.split(" ")
        self._files[path] = (mode, name)
        folder, _, last = path.rpartition("/")
        while folder not in self._folders:
            self._folders[folder] = {last: mode}
            mode = FOLDER
            folder, _, last = folder.rpartition("/")
        self._folders[folder].setdefault(last, mode)

    def _content(self, name: str) -> bytes | None:
        if name not in self._known:
            self._wanted[name] = None
        return self._known.get(name)

    def _is_file(self, path: str) -> bool:
        place = self._real(path)
        return place is not None and self._files.get(place, (SUBMODULE, ""))[0] != SUBMODULE

    def _real(self, path: str) -> str | None:
        """The path without links; None where it leads out of the tree or nowhere yet."""
        if path.startswith("/"):
            return None
        ahead, behind, links = deque(path.split("/")), list[str](), 0
        while ahead:
            part = ahead.popleft()
            if part == "..":
                if not behind:
                    return None
                behind.pop()
            elif part not in ("", "."):
                target = self._link("/".join([*behind, part]))
                if target is None:
                    behind.append(part)
                    continue
                links += 1
                if target.startswith("/") or not target or links > MAX_LINKS:
                    return None
                ahead.extendleft(reversed(target.split("/")))
        return "/".join(behind)

    def _link(self, path: str) -> str | None:
        """Where a link leads, empty where that is not known; None for what is no link."""
        mode, name = self._files.get(path, ("", ""))
        if mode != LINK:
            return None
        target = self._content(name) or b""
        return os.fsdecode(target) if len(target) <= LONGEST_LINK else ""
