"""The cache of layers: `layers/DIGEST.tar.gz`, and `index/KEY.json` from what made it.

Beside each archive lie the list of its files (`DIGEST.files.jsonl`) and that of the packages among
them (`DIGEST.packages.json`).

Two builds at once: one makes a layer, the other waits for the key's lock and then finds it.
Archives and index entries appear by rename, whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import Field, TypeAdapter, ValidationError

from autodeploy.compiler.archive import pack
from autodeploy.compiler.sbom import Package
from autodeploy.contracts import Contract, Layer
from autodeploy.flock import locked
from autodeploy.paths import private_folder

FORMAT = "3"  # Of the archives: a new number leaves the old cache alone.
PACKAGES = TypeAdapter(tuple[Package, ...])
Kind = Literal["dependencies", "source", "runtime"]


@dataclass(frozen=True)
class Contents:
    """A made folder that becomes a layer; `skip` and `outside` as `pack` takes them.

    `links` and `packages` are the layer's.
    """

    folder: Path
    skip: frozenset[str] = frozenset()
    outside: frozenset[str] = frozenset()
    links: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """A layer to make.

    Attributes:
        kind: Its kind.
        inputs: Everything that its content depends on: the key in the cache.
        make: Makes the content, given the layers before it.
        tools: Version by name of what makes it, for people.
    """

    kind: Kind
    inputs: Mapping[str, object]
    make: Callable[[Sequence[Layer]], Contents]
    tools: Mapping[str, str] = field(default_factory=dict)


class Entry(Contract):
    """A line of the index.

    Attributes:
        layer: The layer.
        commands: What was run to make it.
        tools: Version by name of what made it.
    """

    layer: Layer
    commands: tuple[str, ...] = ()
    tools: dict[str, str] = Field(default_factory=dict)


class Layers:
    """The layers of one cache folder.

    What an application's builds made is found by its own builds alone: they can write to the
    downloads that it was made of, and no other application shall run what they left there.
    """

    def __init__(self, cache: Path, warn: Callable[[str], None], owner: str | None = None) -> None:
        """`owner` is the application; None for what no build makes."""
        self._owner = owner
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
        key = _key(step, self._owner)
        with locked(self._locks / key):
            found = self._find(key)
            if found:
                return found
            known = len(commands)
            layer = self._store(step.kind, step.make(before))
            made_by = dict(step.tools)
            entry = Entry(layer=layer, commands=tuple(commands[known:]), tools=made_by)
            self._write(key, entry)
            return entry

    def packages(self, layer: Layer) -> tuple[Package, ...]:
        """The packages that are in one of these layers."""
        return PACKAGES.validate_json(self._place(layer.digest, "packages.json").read_bytes())

    def _find(self, key: str) -> Entry | None:
        try:
            entry = Entry.model_validate_json((self._index / f"{key}.json").read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        layer = entry.layer
        beside = {"archive": "tar.gz", "listing": "files.jsonl"}
        here = {name: self._place(layer.digest, kind) for name, kind in beside.items()}
        whole = here["archive"].is_file() and here["archive"].stat().st_size == layer.size
        if not whole or not here["listing"].is_file():
            return None
        os.utime(self._index / f"{key}.json")  # So that pruning knows that it is used.
        return entry.model_copy(update={"layer": layer.model_copy(update=here)})

    def _store(self, kind: Kind, contents: Contents) -> Layer:
        # What is known already needs none of it.
        from autodeploy.compiler.sbom.installed import installed

        with tempfile.TemporaryDirectory(prefix=".new-", dir=self._layers) as name:
            new = Path(name)
            found = installed(contents.folder, contents.skip)
            (new / "packages").write_bytes(PACKAGES.dump_json(found))
            packed = pack(
                contents.folder,
                new / "archive",
                new / "listing",
                skip=contents.skip,
                outside=contents.outside,
                warn=self._warn,
            )
            (new / "packages").rename(self._place(packed.digest, "packages.json"))
            listing = (new / "listing").rename(self._place(packed.digest, "files.jsonl"))
            archive = (new / "archive").rename(self._place(packed.digest, "tar.gz"))
        return Layer(
            kind=kind,
            digest=packed.digest,
            content=packed.content,
            archive=archive,
            listing=listing,
            size=packed.size,
            unpacked=packed.unpacked,
            files=packed.files,
            links=dict(contents.links),
            packages=contents.packages,
        )

    def _place(self, digest: str, kind: str) -> Path:
        return self._layers / f"{digest}.{kind}"

    def _write(self, key: str, entry: Entry) -> None:
        with tempfile.NamedTemporaryFile("w", dir=self._index, delete=False) as file:
            file.write(entry.model_dump_json())
        Path(file.name).replace(self._index / f"{key}.json")


def _key(step: Step, owner: str | None) -> str:
    whole = {"format": FORMAT, "owner": owner, "kind": step.kind, "inputs": step.inputs}
    text = json.dumps(whole, sort_keys=True)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
