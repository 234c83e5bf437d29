"""One run's log as objects in a bucket: each holds some lines, and is never written twice.

An object's name is the number of its first line, and it is written only where none is: two writers
never write the same line. A copy on this machine saves reading what cannot change.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from autodeploy.errors import CloudError, LeaseLost, NotDeployed, StateError
from autodeploy.journal.bucket import Bucket
from autodeploy.paths import private_folder

READERS = 8


class BucketLog:
    """See autodeploy.journal.log.Log."""

    def __init__(
        self, bucket: Bucket, identifier: str, cache: Path, names: Sequence[str] | None = None
    ) -> None:
        """Nothing is read yet.

        Args:
            bucket: Where the log is.
            identifier: The run's id.
            cache: The folder of this machine's copies.
            names: The names of its objects, in order; None where they have not been looked for.
        """
        self.id = identifier
        self.name = f"{bucket.name}/deployments/{identifier}"
        self.path = cache / "deployments" / identifier
        self._bucket = bucket
        self._names = names
        self._waiting: list[bytes] = []
        self._failure: CloudError | None = None

    def first(self) -> bytes:
        """See Log."""
        return self._object(self._there()[0]).partition(b"\n")[0]

    def lines(self) -> list[bytes]:
        """See Log."""
        names = self._there()
        with ThreadPoolExecutor(READERS) as pool:
            objects = list(pool.map(self._object, names))
        lines: list[bytes] = []
        for name, data in zip(names, objects, strict=True):
            if name != _name(len(lines) + 1):
                raise StateError(
                    f"line {len(lines) + 1} of the log {self.name} is not there",
                    step="journal",
                    remediation="Something else than autodeploy has removed it from the bucket.",
                )
            lines += data.split(b"\n")[:-1]
        return lines

    def append(self, number: int, line: bytes, *, durable: bool) -> None:
        """See Log.

        After a failure it is not known whether the line is there, so no other takes its number.
        """
        if self._failure:
            raise self._unwritten(self._failure)
        if not durable:
            self._waiting.append(line)
            return
        name = _name(number - len(self._waiting))
        data = b"".join((*self._waiting, line))
        try:
            made = self._bucket.make(self._key(name), data)
        except CloudError as error:
            self._failure = error
            raise self._unwritten(error) from error
        if made is None:
            raise LeaseLost(f"another controller has written the log {self.name}", step="journal")
        self._waiting.clear()
        self._copy(name, data)

    def read(self, name: str) -> str | None:
        """See Log."""
        found = self._bucket.get(f"deployments/{self.id}/{name}")
        return found.data.decode() if found else None

    def write(self, name: str, text: str) -> None:
        """See Log."""
        self._bucket.write(f"deployments/{self.id}/{name}", text.encode())

    def _there(self) -> Sequence[str]:
        names = self._names
        if names is None:
            prefix = self._key("")
            names = [key.removeprefix(prefix) for key in self._bucket.keys(prefix)]
        if not names:
            raise NotDeployed(f"there is no deployment {self.id}")
        return names

    def _object(self, name: str) -> bytes:
        copy = self.path / name
        if copy.exists():
            return copy.read_bytes()
        found = self._bucket.get(self._key(name))
        if found is None:
            raise NotDeployed(f"{self.name} was removed while it was read")
        self._copy(name, found.data)
        return found.data

    def _copy(self, name: str, data: bytes) -> None:
        """Keep it here; where that fails it is read from the bucket again."""
        with suppress(OSError, StateError):
            path = private_folder(self.path) / name
            temporary = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}.tmp")
            temporary.write_bytes(data)
            temporary.replace(path)

    def _key(self, name: str) -> str:
        return f"deployments/{self.id}/events/{name}"

    def _unwritten(self, error: CloudError) -> StateError:
        return StateError(
            f"cannot write the log {self.name}",
            cause=str(error),
            step="journal",
            remediation=error.remediation,
        )


def _name(number: int) -> str:
    return f"{number:08}.jsonl"
