"""Archives whose bytes depend on their files alone: not on the folder, the day or the user.

Compression runs in a thread of its own while files are read and hashed. It is fast rather than
tight: what it saves a build is more than what a host waits longer for the archive.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from isal import igzip_threaded

from autodeploy.compiler.members import CHUNK, Member, member, walk
from autodeploy.compiler.talk import printable
from autodeploy.errors import BuildError

LEVEL = 1


@dataclass(frozen=True)
class Packed:
    """What an archive holds.

    Attributes:
        digest: SHA-256 of its bytes.
        content: SHA-256 of the list of its files.
        size: Its bytes.
        unpacked: The bytes of the files in it.
        files: Regular files and links in it.
    """

    digest: str
    content: str
    size: int
    unpacked: int
    files: int


class _Writer(Protocol):
    def write(self, data: bytes, /) -> object: ...


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
    listing: Path,
    *,
    skip: Collection[str] = (),
    outside: Collection[str] = (),
    warn: Callable[[str], None] = lambda _message: None,
) -> Packed:
    """Write the tree below `folder` to `target` as a gzip-compressed tar archive.

    Args:
        folder: The tree; only regular files, folders and links are taken.
        target: The archive; overwritten.
        listing: The list of its files, a JSON object a line; overwritten.
        skip: Names directly below `folder` that are left out; byte code always is.
        outside: Paths of links that may point out of the tree.
        warn: Told of each thing left out that somebody may miss.
    """
    files = unpacked = 0
    with target.open("wb") as raw, listing.open("wb") as lines:
        archive, content = _Hashing(raw), _Hashing(lines)
        with _compressing(archive) as tar:
            for path, status in walk(folder, skip):
                one = member(folder, path, status, outside)
                if one is None:
                    warn(f"left out {printable(path)}: it is no file, or a link out of the tree")
                    continue
                content.write(json.dumps(one.line).encode() + b"\n")
                _add(tar, folder / path, one)
                unpacked += one.size
                files += len(one.line) > 1  # A folder is its path alone.
            tar.write(bytes(tarfile.RECORDSIZE))
    return Packed(
        digest=archive.sha256.hexdigest(),
        content=content.sha256.hexdigest(),
        size=archive.size,
        unpacked=unpacked,
        files=files,
    )


def _compressing(archive: _Hashing) -> Any:
    return igzip_threaded.open(archive, "wb", LEVEL, threads=1, block_size=CHUNK)  # type: ignore[no-untyped-call]


def _add(tar: _Writer, path: Path, one: Member) -> None:
    tar.write(one.header)
    if one.data is None:
        _copy(tar, path, one.size)
    else:
        tar.write(one.data)
    tar.write(bytes(-one.size % tarfile.BLOCKSIZE))


def _copy(tar: _Writer, path: Path, size: int) -> None:
    """Write a file that does not fit into memory.

    Raises:
        BuildError: It is shorter than it was when it was hashed.
    """
    with path.open("rb", buffering=0) as file:
        while size:
            block = file.read(min(CHUNK, size))
            if not block:
                raise BuildError(
                    f"{path.name} became shorter while it was packed",
                    step="pack",
                    remediation="Let the build end whatever it starts, and build again.",
                )
            tar.write(block)
            size -= len(block)
