"""pip's requirements files: which files they are, and what of them depends on the source."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from packaging.utils import canonicalize_name

from autodeploy.compiler.tree import Tree

INCLUDE = re.compile(r"^\s*(?:-r|-c|--requirement|--constraint)[\s=]*(\S+)")
PROJECT = re.compile(r"^\s*(?:(?:-e|--editable)[\s=]+)?\.(?:\[[^\]]*\])?\s*(?:#.*)?$")
EDITABLE = re.compile(r"^\s*(?:-e|--editable)[\s=]+(?=\.{1,2}/|[\w-]+/)")
LOCAL = re.compile(r"^\s*(?:-e\s+|--editable[\s=]+)?(?:\.{1,2}/|file:|[^\s@]+ @ file:)")
NAME = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


def files(tree: Tree, name: str, seen: frozenset[str] = frozenset()) -> dict[str, str]:
    """The text of a requirements file and of all that it includes, by path."""
    if name in seen or name not in tree.names:
        return {}
    found = {name: tree.read(name)}
    for line in found[name].splitlines():
        include = INCLUDE.match(line)
        if include:
            below = posixpath.normpath(posixpath.join(posixpath.dirname(name), include[1]))
            found |= files(tree, below, seen | frozenset(found))
    return found


def has_local(texts: dict[str, str]) -> bool:
    """Whether a requirement lies in the repository itself."""
    return any(LOCAL.match(line) or PROJECT.match(line) for line in _lines(texts))


def wants_project(texts: dict[str, str]) -> bool:
    """Whether the repository's own project is among the requirements (`-e .`)."""
    return any(PROJECT.match(line) for line in _lines(texts))


def shippable(text: str) -> str:
    """The text without the project itself, and with nothing editable: that would be a path here."""
    kept = [EDITABLE.sub("", line) for line in text.splitlines() if not PROJECT.match(line)]
    return "\n".join(kept) + "\n"


def named(texts: Iterable[str]) -> set[str]:
    """The normalised names of the packages that are required."""
    found = (NAME.match(line) for text in texts for line in text.splitlines())
    return {str(canonicalize_name(one[1])) for one in found if one}


def project_file(tree: Tree) -> str | None:
    """The file that names the project's own dependencies."""
    names = ("pyproject.toml", "setup.py", "setup.cfg")
    return next((name for name in names if name in tree.names), None)


def _lines(texts: dict[str, str]) -> Iterator[str]:
    for text in texts.values():
        yield from text.splitlines()
