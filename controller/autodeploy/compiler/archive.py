"""Archives whose bytes depend on their files alone: not on the folder, the day or the user."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import tarfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from autodeploy.compiler.tree import inside

LEVEL = 6
FIRST_SECOND = 315532800  # 1980: zip files know nothing earlier
SPAN = 30 * 365 * 86400


@dataclass(frozen=True)
class Packed:
    """What an archive holds.

    Attributes:
        digest: SHA-256 of its bytes.
        size: Its bytes.
        files: Regular files and links in it.
    """

    digest: str
    size: int
    files: int


class _Hashing:
    """A file that knows the digest and the number of the bytes written to it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        self.size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


def pack(
    folder: Path,
    target: Path,
    *,
    skip: Collection[str] = (),
    outside: Collection[str] = (),
    warn: Callable[[str], None] = lambda _message: None,
) -> Packed:
    """Write the tree below `folder` to `target` as a gzip-compressed tar archive.

    Args:
        folder: The tree; only regular files, folders and links are taken.
        target: The archive; overwritten.
        skip: Names directly below `folder` that are left out; byte code always is.
        outside: Paths of links that may point out of the tree.
        warn: Told of each thing left out that somebody may miss.
    """
    files = 0
    with target.open("wb") as raw:
        hashing = _Hashing(raw)
        with (
            gzip.GzipFile("", "wb", LEVEL, hashing, mtime=0) as stream,
            tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as tar,
        ):
            for path, status in _walk(folder, "", frozenset(skip)):
                member = _member(folder, path, status, outside)
                if member is None:
                    warn(f"left out {path}: it is no file, or a link out of the tree")
                    continue
                _add(tar, folder / path, member)
                files += not member.isdir()
    return Packed(hashing.sha256.hexdigest(), hashing.size, files)


def _walk(folder: Path, prefix: str, skip: frozenset[str]) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder / prefix) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name in skip or entry.name == "__pycache__" or entry.name.endswith(".pyc"):
            continue
        path = prefix + entry.name
        yield path, entry.stat(follow_symlinks=False)
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(folder, path + "/", frozenset())


def _member(
    folder: Path, path: str, status: os.stat_result, outside: Collection[str]
) -> tarfile.TarInfo | None:
    member = tarfile.TarInfo(path)
    member.mtime = FIRST_SECOND
    member.mode = 0o755 if status.st_mode & 0o100 else 0o644
    if stat.S_ISLNK(status.st_mode):
        member.type, member.mode = tarfile.SYMTYPE, 0o777
        member.linkname = os.readlink(folder / path)  # noqa: PTH115 - pathlib drops a "/" at the end
        return member if path in outside or inside(path, member.linkname) else None
    if stat.S_ISDIR(status.st_mode):
        member.type, member.mode = tarfile.DIRTYPE, 0o755
        return member
    if not stat.S_ISREG(status.st_mode):
        return None
    member.size, member.mtime = status.st_size, _time_of(folder / path)
    return member


def _time_of(path: Path) -> int:
    """A time of modification that depends on the content alone.

    Servers make Last-Modified and ETag of it: with one time for all files, browsers would keep
    the assets of the release before.
    """
    checksum = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            checksum = zlib.crc32(block, checksum)
    return FIRST_SECOND + checksum % SPAN


def _add(tar: tarfile.TarFile, path: Path, member: tarfile.TarInfo) -> None:
    if member.isreg():
        with path.open("rb") as file:
            tar.addfile(member, file)
    else:
        tar.addfile(member)
    tar.getmembers().clear()  # Otherwise memory grows with the number of files.
