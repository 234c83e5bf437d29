"""Folders by patterns, as workspaces write them: `apps/*`, `packages/**`, `!packages/old`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from autodeploy.recon.tree import Tree

MAX_DEPTH = 4
MAX_FOLDERS = 200


def matching(tree: Tree, patterns: Iterable[object]) -> list[str]:
    """The folders that the patterns name, in their order; what `!` names is left out."""
    texts = [one.strip() for one in patterns if isinstance(one, str)]
    without = {folder for one in texts if one[:1] == "!" for folder in _expanded(tree, one[1:])}
    found: dict[str, None] = {}
    for one in texts:
        for folder in _expanded(tree, one) if one[:1] != "!" else ():
            if folder not in without and len(found) < MAX_FOLDERS:
                found[folder] = None
    return list(found)


def _expanded(tree: Tree, pattern: str) -> list[str]:
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    if ".." in parts or len(parts) > 2 * MAX_DEPTH:
        return []
    folders = [""]
    for part in parts:
        step = _below if part == "**" else _children
        folders = [path for folder in folders[:MAX_FOLDERS] for path in step(tree, folder, part)]
    return [folder for folder in folders if folder]


def _children(tree: Tree, folder: str, part: str) -> Iterator[str]:
    for name in tree.folders(folder):
        if fnmatchcase(name, part):
            yield f"{folder}/{name}".lstrip("/")


def _below(tree: Tree, folder: str, _part: str) -> Iterator[str]:
    """The folder and all below it, to a depth."""
    level = [folder]
    for _ in range(MAX_DEPTH):
        yield from level
        level = [path for one in level for path in _children(tree, one, "*")][:MAX_FOLDERS]
