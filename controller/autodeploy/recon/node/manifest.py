"""package.json and what stands beside it, read once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autodeploy.recon.fact import Fact
from autodeploy.recon.tree import BAD_CONTENT, Tree

MANIFEST = "package.json"
# pnpm reads these as well; package.yaml is Haskell's too.
OF_PNPM = ("package.json5", "package.yaml")
LONGEST_TEXT = 2_000
# The parser of JSON5 is written in Python and slow.
MAX_JSON5 = 64 * 1024


@dataclass(frozen=True)
class Package:
    """One package.json.

    Attributes:
        path: Of the file, relative to the tree's folder.
        content: The document.
        tree: Where it lies.
    """

    path: str
    content: dict[str, Any]
    tree: Tree

    @property
    def folder(self) -> str:
        """Where the package is, relative to the tree's folder; empty for that itself."""
        return self.path.rpartition("/")[0]

    def under(self, path: str) -> str:
        """A path of the package's as the tree has it."""
        return f"{self.folder}/{path}" if self.folder else path

    def table(self, *keys: str) -> dict[str, Any]:
        """The object at the keys; empty where there is none."""
        place: Any = self.content
        for key in keys:
            place = place.get(key) if isinstance(place, dict) else None
        return place if isinstance(place, dict) else {}

    def text(self, *keys: str) -> str | None:
        """The string at the keys."""
        value = self.table(*keys[:-1]).get(keys[-1])
        text = value.strip() if isinstance(value, str) else ""
        return text if 0 < len(text) <= LONGEST_TEXT else None

    def runtime(self) -> Mapping[str, Fact]:
        """What the running application depends on."""
        return self._named("dependencies", "optionalDependencies")

    def all(self) -> Mapping[str, Fact]:
        """What it depends on while it is built as well."""
        return self._named("dependencies", "optionalDependencies", "devDependencies")

    def fact(self, value: str, needle: str, confidence: float = 1.0) -> Fact:
        """A value with the line of the file that holds the needle."""
        return Fact(value, self.path, self.tree.line(self.path, needle), confidence)

    def mentions(self, word: str) -> bool:
        """Whether one of its scripts has the word."""
        texts = (text for text in self.table("scripts").values() if isinstance(text, str))
        return any(word in text.split() for text in texts)

    def _named(self, *keys: str) -> Mapping[str, Fact]:
        names = {
            name: version if isinstance(version, str) else ""
            for key in reversed(keys)
            for name, version in self.table(key).items()
        }
        return Declared(self, names)


@dataclass(frozen=True)
class Declared(Mapping[str, Fact]):
    """Dependencies by name; the line of one is looked for when it is asked for."""

    package: Package
    versions: Mapping[str, str]

    def __getitem__(self, name: str) -> Fact:
        """Its version, and where it is declared."""
        return self.package.fact(self.versions[name], f'"{name}"')

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(self.versions)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.versions)

    def __contains__(self, name: object) -> bool:
        """Whether it is declared."""
        return name in self.versions


def package(tree: Tree, folder: str = "") -> Package | None:
    """The package of a folder; None where there is none."""
    place = f"{folder}/" if folder else ""
    others = OF_PNPM if tree.has(f"{place}pnpm-lock.yaml") else ()
    path = tree.first(*(place + name for name in (MANIFEST, *others)))
    return Package(path, _content(tree, path), tree) if path else None


def _content(tree: Tree, path: str) -> dict[str, Any]:
    if path.endswith(".yaml"):
        return tree.yaml(path)
    return _json5(tree, path) if path.endswith("5") else tree.json(path)


def _json5(tree: Tree, path: str) -> dict[str, Any]:
    import json5

    file = tree.read(path)
    try:
        read = json5.loads(file.text) if file and len(file.text) < MAX_JSON5 else {}
    except BAD_CONTENT:
        return {}
    return read if isinstance(read, dict) else {}
