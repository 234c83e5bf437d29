"""An archive of the Compiler's."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from autodeploy.contracts.base import Contract

SHA256 = r"^[0-9a-f]{64}$"


class Layer(Contract):
    """One gzip-compressed tar archive, content-addressed.

    Attributes:
        kind: `dependencies` changes with the lock file, `source` with every commit, `runtime` with
            the language's version.
        digest: SHA-256 of the archive, 64 hexadecimal digits: what a host checks.
        content: SHA-256 of the list of its files: the same files have the same, however they
            were compressed.
        archive: Where it lies on this machine, in the Compiler's cache.
        listing: The list of its files beside it, a JSON object a line: `path` with `size`, `mode`
            and `sha256`, or with `link`; a folder's path ends in `/`.
        size: Bytes of the archive.
        unpacked: Bytes of the files in it.
        files: Number of regular files and links in it.
        links: Links to make in a release's folder, by name, to paths inside the unpacked layer
            (`{"node_modules": "node_modules"}`, `{".venv": "."}`); empty for the source layer,
            which is unpacked as the release's folder itself.
        packages: Debian packages with the libraries that its compiled parts link to.
    """

    kind: Literal["dependencies", "source", "runtime"]
    digest: str = Field(pattern=SHA256)
    content: str = Field(pattern=SHA256)
    archive: Path
    listing: Path
    size: int = Field(ge=0)
    unpacked: int = Field(ge=0)
    files: int = Field(ge=0)
    links: dict[str, str] = Field(default_factory=dict)
    packages: tuple[str, ...] = ()
