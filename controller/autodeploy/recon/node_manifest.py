"""package.json and what stands beside it, read once."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from autodeploy.recon.fact import Fact
from autodeploy.recon.tree import Tree

MANIFEST = "package.json"
MAX_MEMBERS = 50


@dataclass(frozen=True)
class Package:
    """One package.json.

    Attributes:
        path: Of the file, relative to the root.
        content: The document.
        tree: Where it lies.
    """

    path: str
    content: dict[str, Any]
    tree: Tree

    def table(self, *keys: str) -> dict[str, Any]:
        """The object at the keys; empty where there is none."""
        place: Any = self.content
        for key in keys:
            place = place.get(key) if isinstance(place, dict) else None
        return place if isinstance(place, dict) else {}

    def text(self, *keys: str) -> str | None:
        """The string at the keys."""
        value = self.table(*keys[:-1]).get(keys[-1])
        return value.strip() if isinstance(value, str) and value.strip() else None

    def runtime(self) -> dict[str, Fact]:
        """What the running application depends on."""
        return self._named("dependencies", "optionalDependencies")

    def all(self) -> dict[str, Fact]:
        """What it depends on while it is built as well."""
        return self._named("dependencies", "optionalDependencies", "devDependencies")

    def fact(self, value: str, needle: str, confidence: float = 1.0) -> Fact:
        """A value with the line of the file that holds the needle."""
        return Fact(value, self.path, self.tree.line(self.path, needle), confidence)

    def _named(self, *keys: str) -> dict[str, Fact]:
        return {
            name: self.fact(version if isinstance(version, str) else "", f'"{name}"')
            for key in reversed(keys)
            for name, version in self.table(key).items()
        }


def package(tree: Tree, folder: str = "") -> Package | None:
    """The package of a folder; None where there is none."""
    path = f"{folder}/{MANIFEST}".lstrip("/")
    return Package(path, tree.json(path), tree) if tree.has(path) else None


def members(root: Package) -> list[Package]:
    """The packages of the root's workspaces."""
    found: list[Package] = []
    for folder in _member_folders(root):
        member = package(root.tree, folder)
        if member and len(found) < MAX_MEMBERS:
            found.append(member)
    return found


def _member_folders(root: Package) -> list[str]:
    tree, declared = root.tree, root.content.get("workspaces")
    if isinstance(declared, dict):
        declared = declared.get("packages")
    patterns = declared or tree.yaml("pnpm-workspace.yaml").get("packages")
    folders: dict[str, None] = {}
    for pattern in patterns if isinstance(patterns, list) else ():
        if isinstance(pattern, str) and not pattern.startswith("!"):
            parent, _, last = pattern.strip("./").rpartition("/")
            for name in tree.folders(parent):
                if fnmatch(name, last):
                    folders[f"{parent}/{name}".lstrip("/")] = None
    return list(folders)
