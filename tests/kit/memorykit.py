"""A bucket and a vault in memory, for properties: S3's own rules, and no network."""

from __future__ import annotations

import threading
from pathlib import Path

from autodeploy.journal import BucketStore
from autodeploy.journal.bucket import Thing


class MemoryBucket:
    """See autodeploy.journal.bucket.Bucket."""

    name = "s3://memory"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[bytes, str]] = {}
        self._writes = 0

    def get(self, key: str) -> Thing | None:
        found = self._kept.get(key)
        return Thing(*found, 0) if found else None

    def make(self, key: str, data: bytes) -> str | None:
        with self._lock:
            return None if key in self._kept else self._put(key, data)

    def replace(self, key: str, data: bytes, tag: str) -> str | None:
        with self._lock:
            there = self._kept.get(key)
            return self._put(key, data) if there and there[1] == tag else None

    def write(self, key: str, data: bytes) -> None:
        with self._lock:
            self._put(key, data)

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self._kept if key.startswith(prefix))

    def _put(self, key: str, data: bytes) -> str:
        self._writes += 1
        self._kept[key] = (data, str(self._writes))
        return str(self._writes)


class MemoryVault(dict[str, str]):
    """See autodeploy.journal.belongings.Vault."""

    put = dict.__setitem__

    def delete(self, name: str) -> None:
        self.pop(name, None)


def store(root: Path, bucket: MemoryBucket) -> BucketStore:
    """The store as a machine sees it whose folder is `root`."""
    return BucketStore(bucket, MemoryVault(), root)
