"""The members of a uv workspace, and the packages at paths that a project depends on."""

from __future__ import annotations

from autodeploy.recon.folders import matching
from autodeploy.recon.python.dependencies import table
from autodeploy.recon.tree import Tree


def members(tree: Tree) -> list[str]:
    """The folders of the workspace's members that are packages."""
    declared = table(tree.toml("pyproject.toml"), "tool", "uv", "workspace")
    patterns, without = declared.get("members"), declared.get("exclude")
    wanted = [*_list(patterns), *(f"!{one}" for one in _list(without))]
    return [one for one in matching(tree, wanted) if tree.has(f"{one}/pyproject.toml")]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
