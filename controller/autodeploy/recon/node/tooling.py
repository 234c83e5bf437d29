"""The package manager and the version of Node that a package asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from autodeploy.recon.fact import CONVENTION, DERIVED, Fact
from autodeploy.recon.node.manifest import Package, package
from autodeploy.recon.node.workspaces import members
from autodeploy.recon.tree import Tree
from autodeploy.recon.versions import first_line, tool_files

LOCKS = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
}
NAMES = frozenset({"npm", "pnpm", "yarn", "bun"})
VERSION_KEYS = (("engines", "node"), ("volta", "node"), ("devEngines", "runtime", "version"))


def managers(root: Package) -> list[Fact]:
    """packageManager, lock file, the workspace's, engines, then npm."""
    above = _above(root.tree)
    declared = [*_declared(root), *(one for found in above for one in _declared(*found))]
    return [*declared, *_engines(root), Fact("npm", root.path, None, CONVENTION)]


def versions(root: Package) -> list[Fact]:
    """`engines` is what hosts and npm check; the others serve version managers."""
    above = [one for found in _above(root.tree) for one in _versions(*found)]
    return [*_versions(root), *above]


def _declared(one: Package, prefix: str = "") -> Iterator[Fact]:
    keys = (("packageManager",), ("devEngines", "packageManager", "name"))
    for key in keys:
        name = (one.text(*key) or "").split("@", 1)[0]
        if name in NAMES:
            yield _from(prefix, one.fact(name, key[-1]))
    for file, name in LOCKS.items():
        if one.tree.has(file):
            yield Fact(name, prefix + file)
    if one.path.endswith((".json5", ".yaml")) or one.tree.has("pnpm-workspace.yaml"):
        yield Fact("pnpm", prefix + one.path, None, DERIVED)


def _engines(root: Package) -> Iterator[Fact]:
    for name in ("pnpm", "yarn", "bun"):
        if root.text("engines", name):
            yield root.fact(name, f'"{name}"', DERIVED)


def _versions(one: Package, prefix: str = "") -> Iterator[Fact]:
    for keys in VERSION_KEYS:
        value = one.text(*keys)
        if value and value != "*":
            yield _from(prefix, one.fact(value, f'"{keys[-1]}"'))
    for path in (".nvmrc", ".node-version"):
        if fact := first_line(one.tree.read(path)):
            yield _from(prefix, replace(fact, value=fact.value.removeprefix("v")))
    for fact in tool_files(one.tree, "node", "nodejs"):
        yield _from(prefix, fact)


def _above(tree: Tree) -> list[tuple[Package, str]]:
    """The workspace that this folder is a member of, with the way up to it."""
    for prefix in tree.above()[1:]:
        root = package(tree.at(prefix))
        if root and any(root.tree.at(one.folder).folder == tree.folder for one in members(root)):
            return [(root, prefix)]
    return []


def of_neighbours(root: Package) -> Iterator[tuple[str, Mapping[str, Fact]]]:
    """The dependencies of packages of the same workspace that it depends on, and of theirs.

    Each with the way up to the workspace, from which their files are named.
    """
    for above, prefix in _above(root.tree):
        named = {one.text("name"): one for one in members(above)}
        ahead = [name for name in root.runtime() if name in named]
        while ahead:
            neighbour = named.pop(ahead.pop(), None)
            if neighbour:
                ahead += [name for name in neighbour.runtime() if name in named]
                yield prefix, neighbour.runtime()


def _from(prefix: str, fact: Fact) -> Fact:
    return replace(fact, file=prefix + fact.file)
