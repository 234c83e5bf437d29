"""The packages of a repository that holds several: npm, yarn, bun, pnpm, lerna, rush, nx, moon."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from autodeploy.recon.folders import matching
from autodeploy.recon.node.manifest import Package, package
from autodeploy.recon.tree import Tree

MAX_MEMBERS = 100


def members(root: Package) -> list[Package]:
    """The packages below the root, those of its workspaces first."""
    return list(root.tree.remembered("members", root.folder, lambda _: _members(root)) or ())


def _members(root: Package) -> tuple[Package, ...]:
    folders = dict.fromkeys(matching(root.tree, _patterns(root)))
    found = (package(root.tree, folder) for folder in islice(folders, MAX_MEMBERS))
    return tuple(one for one in found if one)


def _patterns(root: Package) -> Iterator[object]:
    declared = root.content.get("workspaces")
    if isinstance(declared, dict):
        declared = declared.get("packages")
    yield from _list(declared)
    yield from _list(root.tree.yaml("pnpm-workspace.yaml").get("packages"))
    yield from _list(root.tree.json("lerna.json").get("packages"))
    for project in _list(root.tree.json("rush.json").get("projects")):
        yield project.get("projectFolder") if isinstance(project, dict) else None
    if root.tree.has("nx.json"):
        yield from ("apps/*", "packages/*", "libs/*")
    yield from _moon(root.tree)


def _moon(tree: Tree) -> Iterator[object]:
    """Moon's projects: a list of patterns, or folders by name, or both."""
    projects = tree.yaml(".moon/workspace.yml").get("projects")
    if isinstance(projects, dict):
        sources = projects.get("sources")
        globs = _list(projects.get("globs"))
        named = sources if isinstance(sources, dict) else projects
        projects = [*globs, *(one for one in named.values() if isinstance(one, str))]
    yield from _list(projects)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
