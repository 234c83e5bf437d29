"""What a commit in a mirror holds: names at once, contents only of what is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autodeploy.errors import ReconError, RefNotFound
from autodeploy.recon.git.mirror import Mirror
from autodeploy.recon.tree import MAX_BYTES

# As git fetches what is missing in a partial clone, without the process that finds out what is.
WANTED_ONLY = (
    *("--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none"),
    "--stdin",
)
NO_NEGOTIATION = {"fetch.negotiationAlgorithm": "noop"}


class NoSingleObjects(Exception):
    """The host gives commits without contents, and then no single contents."""


class Objects:
    """The objects of `commit`, which is in the mirror. File contents need not be there."""

    def __init__(self, mirror: Mirror, commit: str) -> None:
        self._mirror = mirror
        self._commit = commit

    def listing(self) -> bytes:
        """Mode, type, hash and path of every file, as `git ls-tree -r -z` writes them.

        No sizes: git would fetch every file to tell them.
        """
        return self._mirror.run("ls-tree", "-r", "-z", "--full-tree", self._commit)

    def contents(self, ids: Sequence[str]) -> dict[str, bytes | None]:
        """The contents of the objects; None where one is larger than MAX_BYTES.

        Raises:
            NoSingleObjects: The host does not give them.
            ReconError: They cannot be read; the class says why.
        """
        if self._mirror.filtered:
            self._fetch(ids)
        small = [name for name, size in self._sizes(ids) if size <= MAX_BYTES]
        return dict.fromkeys(ids) | dict(self._read(small))

    def _fetch(self, ids: Sequence[str]) -> None:
        options = ("fetch", "--progress", *WANTED_ONLY, "origin")
        try:
            self._mirror.remote(*options, config=NO_NEGOTIATION, stdin=_lines(ids))
        except ReconError as error:
            if type(error) in (ReconError, RefNotFound):
                raise NoSingleObjects from error
            raise

    def _sizes(self, ids: Sequence[str]) -> Iterator[tuple[str, int]]:
        checked = self._local("cat-file", "--batch-check=%(objectname) %(objectsize)", ids=ids)
        for line in checked.decode().splitlines():
            name, _, size = line.partition(" ")
            if size.isdecimal():
                yield name, int(size)

    def _read(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        rest = memoryview(self._local("cat-file", "--batch=%(objectsize)", ids=ids) if ids else b"")
        for name in ids:
            header = bytes(rest[:20]).partition(b"\n")[0]
            start, size = len(header) + 1, int(header)
            yield name, bytes(rest[start : start + size])
            rest = rest[start + size + 1 :]

    def _local(self, *arguments: str, ids: Sequence[str]) -> bytes:
        """Ask for what is here; no transport is allowed, so nothing is fetched on the way."""
        return self._mirror.run(*arguments, stdin=_lines(ids))


def _lines(ids: Sequence[str]) -> bytes:
    return "".join(f"{name}\n" for name in ids).encode()
