"""A package that is part of an artifact."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field

from autodeploy.contracts import Contract

MAX_READ = 4 * 1024 * 1024


class Package(Contract):
    """A package.

    Attributes:
        purl: Its package URL, which is its identity: `pkg:pypi/flask@3.1.0`.
        licence: What it says of its licence: an SPDX identifier or expression, or a name.
        hashes: Hexadecimal digest of its distribution by algorithm (`SHA-512`), where known.
        requires: Package URLs of those that it needs, of the ones that are there.
    """

    purl: str
    licence: str | None = None
    hashes: dict[str, str] = Field(default_factory=dict)
    requires: tuple[str, ...] = ()


def read(path: Path) -> bytes | None:
    """A regular file's content; None where there is none, or more than one would be told in."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with open(descriptor, "rb") as file:  # noqa: PTH123 (a descriptor)
        if not path.is_file():
            return None
        content = file.read(MAX_READ + 1)
    return content if len(content) <= MAX_READ else None
