"""A mirror of nodejs.org's releases: `index.json`, and each version's archives and checksums."""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
import urllib.request
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from autodeploy.errors import ToolMissing

SECONDS = 60
MAX_INDEX = 32 * 1024 * 1024
MEANT = "NODEJS_ORG_MIRROR must be the address of what https://nodejs.org/dist has."


class Mirror:
    """One mirror, for one processor as Node names it."""

    def __init__(self, address: str, machine: str) -> None:
        """`address` is what stands for `https://nodejs.org/dist`."""
        self._address = address.rstrip("/")
        self._machine = machine

    def versions(self) -> list[str]:
        """The versions that it has for the processor.

        Raises:
            ToolMissing: It does not answer as it should.
        """
        try:
            index = json.loads(self._read("index.json"))
            return [
                str(one["version"]).removeprefix("v")
                for one in index
                if f"linux-{self._machine}" in one["files"]
            ]
        except (ValueError, TypeError, KeyError) as error:
            self._fail("index.json", error)

    def fetch(self, version: str, folder: Path) -> None:
        """Unpack a version as `folder`, once its archive is what SHASUMS256.txt says.

        Raises:
            ToolMissing: It is not there, or is something else.
        """
        name = f"node-v{version}-linux-{self._machine}"
        lines = self._read(f"v{version}/SHASUMS256.txt").decode(errors="replace").splitlines()
        sums = {file: digest for digest, _, file in (one.partition("  ") for one in lines)}
        archive = folder.with_name("archive.tar.gz")
        try:
            with self._open(f"v{version}/{name}.tar.gz") as answer, archive.open("wb") as file:
                shutil.copyfileobj(answer, file)
            self._verify(archive, sums.get(f"{name}.tar.gz", "nothing"))
            with tarfile.open(archive) as tar:
                tar.extractall(folder.parent, filter="data")
        except (OSError, tarfile.TarError) as error:
            self._fail(f"{name}.tar.gz", error)
        archive.unlink()
        (folder.parent / name).rename(folder)

    def _verify(self, archive: Path, digest: str) -> None:
        with archive.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != digest:
            self._fail(archive.name, f"its SHA-256 is {found}, SHASUMS256.txt says {digest}")

    def _read(self, path: str) -> bytes:
        with self._open(path) as answer:
            content: bytes = answer.read(MAX_INDEX)
            return content

    def _open(self, path: str) -> Any:
        try:
            return urllib.request.urlopen(f"{self._address}/{path}", timeout=SECONDS)  # noqa: S310 (the user's own mirror)
        except (OSError, ValueError) as error:
            self._fail(path, error)

    def _fail(self, path: str, why: object) -> NoReturn:
        where = urlsplit(self._address).hostname or self._address
        raise ToolMissing(
            f"{path} of the mirror at {where} is not to be had",
            cause=str(why),
            step="runtime",
            remediation=MEANT,
        )
