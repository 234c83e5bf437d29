"""Headers of tar archives: tarfile's, written faster where nothing is out of the ordinary.

A layer has thousands of them, and tarfile takes longer for one than reading its file does.
"""

from __future__ import annotations

import tarfile

ENCODING = ("utf-8", "surrogateescape")
ORDINARY = 8**11  # Sizes below have room in the field.
NAME, MODE, SIZE, TIME, CHECKSUM = (
    slice(0, 100),
    slice(100, 108),
    slice(124, 136),
    slice(136, 148),
    slice(148, 156),
)


def encoded(path: str, kind: bytes, mode: int, size: int, time: int, target: str = "") -> bytes:
    """The header of one member, as tarfile's GNU format has it.

    Args:
        path: The member's path.
        kind: tarfile's REGTYPE, DIRTYPE or SYMTYPE.
        mode: Its permissions.
        size: Its bytes.
        time: When it was modified: seconds since 1970, in UTC.
        target: Where a link points to.
    """
    name = path.encode(*ENCODING) + (b"/" if kind == tarfile.DIRTYPE else b"")
    if kind not in BLANK or len(name) > tarfile.LENGTH_NAME or size >= ORDINARY:
        return _by_tarfile(path, kind, mode, size, time, target)
    block = bytearray(BLANK[kind])
    block[: len(name)] = name
    block[MODE] = b"%07o\0" % mode
    block[SIZE] = b"%011o\0" % size
    block[TIME] = b"%011o\0" % time
    block[CHECKSUM] = b" " * 8
    block[CHECKSUM] = b"%06o\0 " % sum(block)
    return bytes(block)


def _by_tarfile(
    path: str, kind: bytes, mode: int = 0, size: int = 0, time: int = 0, target: str = ""
) -> bytes:
    member = tarfile.TarInfo(path)
    member.type, member.mode, member.size = kind, mode, size
    member.mtime, member.linkname = time, target
    return member.tobuf(tarfile.GNU_FORMAT, *ENCODING)


def _blank(kind: bytes) -> bytes:
    block = bytearray(_by_tarfile("", kind))
    block[NAME] = bytes(100)
    return bytes(block)


BLANK = {kind: _blank(kind) for kind in (tarfile.REGTYPE, tarfile.DIRTYPE)}
