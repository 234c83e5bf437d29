"""Safe reading of a repository: bounded, inside it only, never a failure for bad content."""

from __future__ import annotations

import ast
import codecs
import json
import posixpath
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, TypeVar

import yaml

from autodeploy.safeyaml import BoundedLoader

MAX_BYTES = 1024 * 1024
MAX_NAMES = 20_000
MAX_PYTHON = 256 * 1024
MAX_MATCHES = 500
# tomllib takes quadratic time for the parts of a dotted key.
ENDLESS_KEY = re.compile(r"""(?:(?:(?<![\w-])[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){40}""")
BAD_CONTENT = (ValueError, RecursionError, MemoryError, SyntaxError, yaml.YAMLError)
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NOT_THE_APPLICATIONS = ("node_modules", "vendor", "venv", "__pycache__")

T = TypeVar("T")


@dataclass(frozen=True)
class File:
    """A text file of the repository.

    Attributes:
        path: Relative to the tree's folder, with slashes.
        text: Its content; bytes that are no text are replaced.
    """

    path: str
    text: str

    def line_of(self, needle: str) -> int | None:
        """The first line that holds the text, in any case."""
        wanted = needle.casefold()
        lines = enumerate(self.text.splitlines(), 1)
        return next((number for number, line in lines if wanted in line.casefold()), None)

    def matches(self, pattern: re.Pattern[str]) -> Iterator[tuple[re.Match[str], int]]:
        """Where the pattern is found, with the line of each, in order; a bounded number."""
        line, before = 1, 0
        for found in islice(pattern.finditer(self.text), MAX_MATCHES):
            line += self.text.count("\n", before, found.start())
            before = found.start()
            yield found, line


@dataclass(frozen=True)
class Names:
    """What is in a folder, in any order."""

    files: Iterable[str]
    folders: Iterable[str]


class Store(Protocol):
    """Where a repository's files are. Paths are relative to its root, normal, never outside it."""

    def names(self, folder: str) -> Names:
        """The folder's files and folders; none where there is no such folder."""

    def content(self, path: str) -> bytes | None:
        """A regular file of at most MAX_BYTES; None for anything else."""


class Tree:
    """A folder of the repository in `store`. Every answer is remembered: nothing is read twice.

    Paths are relative to `folder` and may lead up to the repository's root with `../`, no further.
    """

    def __init__(self, store: Store, folder: str = "") -> None:
        self._store = store
        self._folder = posixpath.normpath(folder).strip("/") if folder else ""
        self._memory: dict[tuple[str, str], Any] = {}
        self._broken: set[str] = set()

    @property
    def folder(self) -> str:
        """Where this is in the repository; empty for its root."""
        return self._folder

    def at(self, folder: str) -> Tree:
        """The same repository, seen from one of its folders."""
        seen = Tree(self._store, self._place(folder) or "")
        seen._memory, seen._broken = self._memory, self._broken
        return seen

    def above(self) -> tuple[str, ...]:
        """What leads to this folder and to each above it up to the root: "", "../", "../../"."""
        depth = self._folder.count("/") + 1 if self._folder else 0
        return tuple("../" * steps for steps in range(depth + 1))

    def files(self, folder: str = "") -> tuple[str, ...]:
        """Names of the files in a folder, sorted; links to files count."""
        return self._listed(folder)[0]

    def folders(self, folder: str = "") -> tuple[str, ...]:
        """Names of the real folders in a folder, sorted; hidden ones and installed packages not."""
        return self._listed(folder)[1]

    def has(self, path: str) -> bool:
        """Whether there is a file of that name."""
        folder, _, name = path.rpartition("/")
        return name in self.files(folder)

    def holds(self, folder: str) -> bool:
        """Whether there is a folder of that name with anything in it."""
        return any(self._listed(folder))

    def first(self, *paths: str) -> str | None:
        """The first of the paths that is a file."""
        return next((path for path in paths if self.has(path)), None)

    def read(self, path: str) -> File | None:
        """The file; None where there is none, or it is no regular file of bounded size."""
        text = self.remembered("text", path, self._text) if self.has(path) else None
        return None if text is None else File(path, text)

    def known(self) -> list[File]:
        """The files below this folder that were read already, whoever asked; sorted."""
        below = f"{self._folder}/" if self._folder else ""
        return [
            File(place.removeprefix(below), text)
            for (kind, place), text in sorted(self._memory.items(), key=lambda one: one[0])
            if kind == "text" and text is not None and place.startswith(below)
        ]

    def line(self, path: str, needle: str) -> int | None:
        """The first line of the file that holds the text, in any case."""
        file = self.read(path)
        return file.line_of(needle) if file else None

    def broken(self) -> tuple[str, ...]:
        """Manifests that could not be parsed, from the repository's root, sorted."""
        return tuple(sorted(self._broken))

    def json(self, path: str) -> dict[str, Any]:
        """The JSON object in a file; empty where there is none."""
        return self._mapping(path, json.loads)

    def toml(self, path: str) -> dict[str, Any]:
        """The TOML document in a file; empty where there is none."""
        return self._mapping(path, _toml)

    def yaml(self, path: str) -> dict[str, Any]:
        """The YAML mapping in a file; empty where there is none."""
        return self._mapping(path, BoundedLoader.load)

    def python(self, path: str) -> ast.Module | None:
        """The syntax tree of a Python file; None where there is none, or it is too long."""
        return self._parsed(path, _python)

    def nodes(self, path: str) -> Sequence[ast.AST]:
        """Every node of a Python file's syntax tree, outer ones first."""
        return self.remembered("nodes", path, lambda _: list(_walked(self.python(path)))) or ()

    def matches(self, path: str, pattern: re.Pattern[str]) -> Iterator[tuple[re.Match[str], int]]:
        """Where the pattern is found in a file, with the line of each; nothing without a file."""
        file = self.read(path)
        return file.matches(pattern) if file else iter(())

    def _mapping(self, path: str, parse: Callable[[str], Any]) -> dict[str, Any]:
        read = self._parsed(path, parse)
        return read if isinstance(read, dict) else {}

    def _parsed(self, path: str, parse: Callable[[str], T]) -> T | None:
        def fresh(place: str) -> T | None:
            file = self.read(path)
            try:
                return parse(file.text) if file else None
            except BAD_CONTENT:
                if parse is not _python:  # which may be an older Python's
                    self._broken.add(place)
                return None

        return self.remembered(parse.__qualname__, path, fresh)

    def _text(self, place: str) -> str | None:
        content = self._store.content(place)
        return None if content is None else _decoded(content)

    def _listed(self, folder: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return self.remembered("names", folder, self._names) or ((), ())

    def _names(self, place: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        names = self._store.names(place)
        return tuple(sorted(names.files)), tuple(sorted(filter(_worth_a_look, names.folders)))

    def remembered(self, kind: str, path: str, fresh: Callable[[str], T]) -> T | None:
        """What is known of the path, found out at the first call, whichever tree asks.

        `fresh` is called with the path from the repository's root.
        """
        place = self._place(path)
        if place is None:
            return None
        if (kind, place) not in self._memory:
            self._memory[kind, place] = fresh(place)
        known: T | None = self._memory[kind, place]
        return known

    def _place(self, path: str) -> str | None:
        """The path from the repository's root; None where it leads out of it."""
        place = posixpath.normpath(posixpath.join(self._folder, path.lstrip("/")))
        if place == ".." or place.startswith("../"):
            return None
        return "" if place == "." else place


def _decoded(content: bytes) -> str:
    encoding = "utf-16" if content.startswith(UTF16) else "utf-8-sig"
    return content.decode(encoding, errors="replace")


def _python(text: str) -> ast.Module:
    if len(text) > MAX_PYTHON:
        raise ValueError("too long to be parsed")
    return ast.parse(text)


def _walked(module: ast.Module | None) -> Iterator[ast.AST]:
    return ast.walk(module) if module else iter(())


def _toml(text: str) -> dict[str, Any]:
    if ENDLESS_KEY.search(text):
        raise ValueError("a key of more than 40 parts")
    return tomllib.loads(text)


def _worth_a_look(name: str) -> bool:
    return not name.startswith(".") and name not in NOT_THE_APPLICATIONS
