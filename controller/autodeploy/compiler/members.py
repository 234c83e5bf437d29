"""What of a folder an archive takes, in which order, and how each member is written down."""

from __future__ import annotations

import hashlib
import os
import stat
import tarfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from autodeploy.compiler.tree import inside

FIRST_SECOND = 315532800  # 1980: zip files know nothing earlier
SPAN = 30 * 365 * 86400
CHUNK = 1 << 20


@dataclass(frozen=True)
class Member:
    """One file, folder or link.

    Attributes:
        header: As tar has it.
        line: As the list of files has it.
        data: The content, where it is no larger than `CHUNK`; a larger one is read when written.
    """

    header: tarfile.TarInfo
    line: dict[str, object]
    data: bytes | None = None


def walk(folder: Path, prefix: str, skip: Collection[str]) -> Iterator[tuple[str, os.stat_result]]:
    """All that lies below `folder` but byte code, sorted, without following links.

    Args:
        folder: The tree.
        prefix: Where in it to begin: "", or a path that ends in "/".
        skip: Names directly there that are left out.
    """
    with os.scandir(folder / prefix) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name in skip or entry.name == "__pycache__" or entry.name.endswith(".pyc"):
            continue
        path = prefix + entry.name
        yield path, entry.stat(follow_symlinks=False)
        if entry.is_dir(follow_symlinks=False):
            yield from walk(folder, path + "/", ())


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
    header = tarfile.TarInfo(path)
    header.mtime = FIRST_SECOND
    if stat.S_ISLNK(status.st_mode):
        return _link(header, os.readlink(folder / path), outside)  # noqa: PTH115 - pathlib drops a "/" at the end
    if stat.S_ISDIR(status.st_mode):
        header.type, header.mode = tarfile.DIRTYPE, 0o755
        return Member(header, {"path": path + "/"})
    if not stat.S_ISREG(status.st_mode):
        return None
    header.mode = 0o755 if status.st_mode & 0o100 else 0o644
    return _file(header, folder / path)


def _link(header: tarfile.TarInfo, target: str, outside: Collection[str]) -> Member | None:
    if header.name not in outside and not inside(header.name, target):
        return None
    header.type, header.mode, header.linkname = tarfile.SYMTYPE, 0o777, target
    return Member(header, {"path": header.name, "link": target})


def _file(header: tarfile.TarInfo, path: Path) -> Member:
    """Read a file; its time of modification comes to depend on its content alone.

    Servers make Last-Modified and ETag of it: with one time for all files, browsers would keep
    the assets of the release before.
    """
    digest, checksum, size = hashlib.sha256(), 0, 0
    with path.open("rb", buffering=0) as file:
        data = b""
        while block := file.read(CHUNK):
            digest.update(block)
            checksum = zlib.crc32(block, checksum)
            size += len(block)
            data = block
    header.size, header.mtime = size, FIRST_SECOND + checksum % SPAN
    line = {
        "path": header.name,
        "size": size,
        "mode": f"{header.mode:04o}",
        "sha256": digest.hexdigest(),
    }
    return Member(header, line, data if size == len(data) else None)
