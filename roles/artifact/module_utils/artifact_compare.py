"""A folder that was unpacked from an archive against the list of the archive's files."""

from __future__ import annotations

import hashlib
import json
import os
import stat

CHUNK = 1024 * 1024
SHOWN = 20


class Differences:
    """What differs, named as far as anybody reads it: the first of each kind, and how many."""

    def __init__(self):
        self.found = {kind: [] for kind in ("changed", "missing", "extra")}

    def add(self, kind, path):
        self.found[kind].append(path.encode(errors="backslashreplace").decode())

    def told(self):
        """By kind the `total`, and the first paths."""
        return {
            kind: {"total": len(paths), "first": sorted(paths)[:SHOWN]}
            for kind, paths in self.found.items()
        }


def compare(folder, lines, links, note, skip=lambda _path: False):
    """Look at every path of a folder and of the list of its files.

    Args:
        folder: Where the archive was unpacked; a folder that is not there lacks all of them.
        lines: The list, JSON objects: `path` with `size`, `mode` and `sha256`, or with `link`; a
            folder's path ends in `/`.
        links: Targets by path of links that took the place of what the archive has there.
        note: Told of the kind and the path of each difference.
        skip: Whether a path is not looked at.
    """
    listed = {one["path"].rstrip("/"): one for one in map(json.loads, lines)}
    kept = {path: one for path, one in listed.items() if not _replaced(path, links)}
    wanted = {**kept, **{path: {"path": path, "link": target} for path, target in links.items()}}
    for path, one in wanted.items():
        if difference := _difference(os.path.join(folder, path), one):
            note(difference, path)
    for path in _files(folder):
        if path not in wanted and not _is_byte_code(path) and not skip(path):
            note("extra", path)


def _replaced(path, links):
    return any(path == one or path.startswith(one + "/") for one in links)


def _is_byte_code(path):
    """Python writes it by itself, and no archive has it."""
    return path.endswith(".pyc")


def _difference(place, wanted):
    """`changed`, `missing`, or None for what is as it was unpacked."""
    try:
        found = os.lstat(place)
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    if "link" in wanted:
        same = stat.S_ISLNK(found.st_mode) and os.readlink(place) == wanted["link"]
    elif wanted["path"].endswith("/"):
        same = stat.S_ISDIR(found.st_mode)
    else:
        same = _is_same_file(place, found, wanted)
    return None if same else "changed"


def _is_same_file(place, found, wanted):
    if not stat.S_ISREG(found.st_mode) or found.st_size != wanted["size"]:
        return False
    if f"{stat.S_IMODE(found.st_mode):04o}" != wanted["mode"]:
        return False
    return digest_of(place) == wanted["sha256"]


def digest_of(place):
    """SHA-256 of a file; what was put in its place meanwhile is neither followed nor waited for."""
    found = hashlib.sha256()
    descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            found.update(chunk)
    return found.hexdigest()


def _files(folder):
    """The paths of all files and links below a folder, links not followed."""
    for root, folders, files in os.walk(folder):
        inside = os.path.relpath(root, folder)
        linked = [one for one in folders if os.path.islink(os.path.join(root, one))]
        for name in [*files, *linked]:
            yield os.path.normpath(os.path.join(inside, name))
