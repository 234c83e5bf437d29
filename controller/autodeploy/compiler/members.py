"""What of a folder an archive takes, in which order, and how each member is written down."""

from __future__ import annotations

import hashlib
import os
import stat
import tarfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from autodeploy.compiler.tarheader import encoded
from autodeploy.compiler.tree import inside

FIRST_SECOND = 315532800  # 1980: zip files know nothing earlier
SPAN = 30 * 365 * 86400
CHUNK = 1 << 20


@dataclass(frozen=True)
class Member:
    """One file, folder or link.

    Attributes:
        header: As tar writes it.
        line: As the list of files has it.
        size: Bytes of a file, 0 of anything else.
        data: The content, where it is no larger than `CHUNK`; a larger one is read when written.
    """

    header: bytes
    line: dict[str, object]
    size: int = 0
    data: bytes | None = b""


def walk(folder: Path, skip: Collection[str]) -> Iterator[tuple[str, os.stat_result]]:
    """The paths of all that lies below `folder` but byte code, sorted, links not followed.

    Args:
        folder: The tree.
        skip: Names directly in it that are left out.
    """
    root = os.fspath(folder)
    waiting = [iter(_entries(root, skip))]
    while waiting:
        entry = next(waiting[-1], None)
        if entry is None:
            waiting.pop()
            continue
        yield entry.path[len(root) + 1 :], entry.stat(follow_symlinks=False)
        if entry.is_dir(follow_symlinks=False):
            waiting.append(iter(_entries(entry.path, ())))


def _entries(folder: str, skip: Collection[str]) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        kept = [entry for entry in found if entry.name not in skip and not _byte_code(entry.name)]
    return sorted(kept, key=lambda entry: entry.name)


def _byte_code(name: str) -> bool:
    return name == "__pycache__" or name.endswith(".pyc")


def member(
    folder: Path, path: str, status: os.stat_result, outside: Collection[str]
) -> Member | None:
    """The member for a path; None for what is no file, folder or link inside.

    Args:
        folder: The tree.
        path: The path in it.
        status: What lies there.
        outside: Paths of links that may point out of the tree.
    """
    place = f"{folder}/{path}"
    if stat.S_ISLNK(status.st_mode):
        target = os.readlink(place)  # noqa: PTH115 - pathlib drops a "/" at the end
        return _link(path, target) if path in outside or inside(path, target) else None
    if stat.S_ISDIR(status.st_mode):
        header = encoded(path, tarfile.DIRTYPE, 0o755, 0, FIRST_SECOND)
        return Member(header, {"path": path + "/"})
    if stat.S_ISREG(status.st_mode):
        return _file(path, place, 0o755 if status.st_mode & 0o100 else 0o644)
    return None


def _link(path: str, target: str) -> Member:
    header = encoded(path, tarfile.SYMTYPE, 0o777, 0, FIRST_SECOND, target)
    return Member(header, {"path": path, "link": target})


def _file(path: str, place: str, mode: int) -> Member:
    """Read a file; its time of modification comes to depend on its content alone.

    Servers make Last-Modified and ETag of it: with one time for all files, browsers would keep
    the assets of the release before.
    """
    digest, size, data = hashlib.sha256(), 0, b""
    descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        while block := os.read(descriptor, CHUNK):
            digest.update(block)
            size += len(block)
            data = block
    finally:
        os.close(descriptor)
    time = FIRST_SECOND + int.from_bytes(digest.digest()[:8]) % SPAN
    header = encoded(path, tarfile.REGTYPE, mode, size, time)
    line = {"path": path, "size": size, "mode": f"{mode:04o}", "sha256": digest.hexdigest()}
    return Member(header, line, size, data if size == len(data) else None)
