"""Safe reading of a checkout: bounded, inside the tree only, never a failure for bad content."""

from __future__ import annotations

import ast
import codecs
import json
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from autodeploy.safeyaml import BoundedLoader

MAX_BYTES = 1024 * 1024
MAX_NAMES = 20_000
# tomllib takes quadratic time for the parts of a dotted key.
ENDLESS_KEY = re.compile(r"""(?:(?:(?<![\w-])[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){40}""")
BAD_CONTENT = (ValueError, RecursionError, MemoryError, SyntaxError, yaml.YAMLError)
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class File:
    """A text file of the repository.

    Attributes:
        path: Relative to the root, with slashes.
        text: Its content; bytes that are no text are replaced.
    """

    path: str
    text: str

    def line_of(self, needle: str) -> int | None:
        """The first line that holds the text, in any case."""
        wanted = needle.casefold()
        lines = enumerate(self.text.splitlines(), 1)
        return next((number for number, line in lines if wanted in line.casefold()), None)


class Tree:
    """The checkout at `root`. Every answer is remembered: nothing is read twice."""

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)
        self._files: dict[str, File | None] = {}
        self._folders: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}

    @property
    def root(self) -> Path:
        """The checkout's real place."""
        return Path(self._root)

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

    def first(self, *paths: str) -> str | None:
        """The first of the paths that is a file."""
        return next((path for path in paths if self.has(path)), None)

    def read(self, path: str) -> File | None:
        """The file; None where there is none, or it is no regular file of bounded size."""
        if path not in self._files:
            content = self._bytes(path) if self.has(path) else None
            self._files[path] = None if content is None else File(path, _decoded(content))
        return self._files[path]

    def line(self, path: str, needle: str) -> int | None:
        """The first line of the file that holds the text, in any case."""
        file = self.read(path)
        return file.line_of(needle) if file else None

    def json(self, path: str) -> dict[str, Any]:
        """The JSON object in a file; empty where there is none."""
        return _mapping(self.read(path), json.loads)

    def toml(self, path: str) -> dict[str, Any]:
        """The TOML document in a file; empty where there is none."""
        return _mapping(self.read(path), _toml)

    def yaml(self, path: str) -> dict[str, Any]:
        """The YAML mapping in a file; empty where there is none."""
        return _mapping(self.read(path), BoundedLoader.load)

    def python(self, path: str) -> ast.Module | None:
        """The syntax tree of a Python file; None where there is none."""
        file = self.read(path)
        try:
            return ast.parse(file.text) if file else None
        except BAD_CONTENT:
            return None

    def _listed(self, folder: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if folder not in self._folders:
            self._folders[folder] = self._scan(folder)
        return self._folders[folder]

    def _scan(self, folder: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        files, folders = [], []
        place = self._inside(folder)
        entries: Iterator[os.DirEntry[str]] = iter(())
        with suppress(OSError):
            entries = os.scandir(place) if place else entries
        for entry in islice(entries, MAX_NAMES):
            with suppress(OSError):  # a link to itself is neither
                if entry.is_dir(follow_symlinks=False):
                    if _worth_a_look(entry.name):
                        folders.append(entry.name)
                elif entry.is_file():
                    files.append(entry.name)
        return tuple(sorted(files)), tuple(sorted(folders))

    def _bytes(self, path: str) -> bytes | None:
        place = self._inside(path)
        if place is None:
            return None
        try:
            descriptor = os.open(place, os.O_RDONLY | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as stream:
                status = os.fstat(stream.fileno())
                if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
                    return None
                return stream.read(MAX_BYTES)
        except OSError:
            return None

    def _inside(self, path: str) -> str | None:
        """The real place of a path; None where a link or `..` leads out of the tree."""
        try:
            place = os.path.realpath(os.path.join(self._root, path))  # noqa: PTH118
        except (OSError, ValueError):
            return None
        return place if place == self._root or place.startswith(self._root + os.sep) else None


def _decoded(content: bytes) -> str:
    encoding = "utf-16" if content.startswith(UTF16) else "utf-8-sig"
    return content.decode(encoding, errors="replace")


def _toml(text: str) -> dict[str, Any]:
    if ENDLESS_KEY.search(text):
        raise ValueError("a key of more than 40 parts")
    return tomllib.loads(text)


def _mapping(file: File | None, parse: Any) -> dict[str, Any]:
    try:
        read = parse(file.text) if file else {}
    except BAD_CONTENT:
        return {}
    return read if isinstance(read, dict) else {}


def _worth_a_look(name: str) -> bool:
    return not name.startswith(".") and name not in (
        "node_modules",
        "vendor",
        "venv",
        "__pycache__",
    )
