"""The cache of layers: `layers/DIGEST.tar.gz`, and `index/KEY.json` from what made it.

Two builds at once: one makes a layer, the other waits for the key's lock and then finds it.
Archives and index entries appear by rename, whole or not at all.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from autodeploy.compiler.archive import pack
from autodeploy.contracts import Contract, Layer
from autodeploy.paths import private_folder

FORMAT = "2"  # Of the archives: a new number leaves the old cache alone.
Kind = Literal["dependencies", "source"]


@dataclass(frozen=True)
class Contents:
    """A made folder that becomes a layer; `skip` and `outside` as `pack` takes them."""

    folder: Path
    skip: frozenset[str] = frozenset()
    outside: frozenset[str] = frozenset()
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """A layer to make.

    Attributes:
        kind: Its kind.
        inputs: Everything that its content depends on: the key in the cache.
        make: Makes the content, given the layers before it.
    """

    kind: Kind
    inputs: Mapping[str, object]
    make: Callable[[Sequence[Layer]], Contents]


class Entry(Contract):
    """A line of the index.

    Attributes:
        layer: The layer.
        commands: What was run to make it.
    """

    layer: Layer
    commands: tuple[str, ...] = ()


class Layers:
    """The layers of one cache folder."""

    def __init__(self, cache: Path, warn: Callable[[str], None]) -> None:
        self._layers = private_folder(cache / "layers")
        self._index = private_folder(cache / "index")
        self._locks = private_folder(cache / "locks")
        self._warn = warn

    def obtain(self, step: Step, before: Sequence[Layer], commands: Sequence[str]) -> Entry:
        """The layer that a step's inputs make: the cache's, else made now.

        Args:
            step: What to make.
            before: The layers made before it.
            commands: A list to which the making appends what it runs.
        """
        key = _key(step)
        with locked(self._locks / key):
            found = self._find(key)
            if found:
                return found
            known = len(commands)
            layer = self._store(step.kind, step.make(before))
            entry = Entry(layer=layer, commands=tuple(commands[known:]))
            self._write(key, entry)
            return entry

    def _find(self, key: str) -> Entry | None:
        try:
            entry = Entry.model_validate_json((self._index / f"{key}.json").read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        archive = self._layers / f"{entry.layer.digest}.tar.gz"
        if not archive.is_file() or archive.stat().st_size != entry.layer.size:
            return None
        os.utime(self._index / f"{key}.json")  # So that pruning knows that it is used.
        return entry.model_copy(
            update={"layer": entry.layer.model_copy(update={"archive": archive})}
        )

    def _store(self, kind: Kind, contents: Contents) -> Layer:
        descriptor, name = tempfile.mkstemp(prefix=".new-", dir=self._layers)
        os.close(descriptor)
        new = Path(name)
        try:
            packed = pack(
                contents.folder,
                new,
                skip=contents.skip,
                outside=contents.outside,
                warn=self._warn,
            )
            archive = new.replace(self._layers / f"{packed.digest}.tar.gz")
        finally:
            new.unlink(missing_ok=True)
        return Layer(
            kind=kind,
            digest=packed.digest,
            archive=archive,
            size=packed.size,
            files=packed.files,
            links=dict(contents.links),
        )

    def _write(self, key: str, entry: Entry) -> None:
        with tempfile.NamedTemporaryFile("w", dir=self._index, delete=False) as file:
            file.write(entry.model_dump_json())
        Path(file.name).replace(self._index / f"{key}.json")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock that dies with its owner."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _key(step: Step) -> str:
    whole = {"format": FORMAT, "kind": step.kind, "inputs": step.inputs}
    text = json.dumps(whole, sort_keys=True)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
