"""The package manager and the version of Python that a project asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from autodeploy.recon.fact import CONVENTION, DERIVED, Fact
from autodeploy.recon.python.dependencies import table
from autodeploy.recon.tree import Tree
from autodeploy.recon.versions import first_line, tool_files

LOCKS = {
    "uv.lock": "uv",
    "poetry.lock": "poetry",
    "pdm.lock": "pdm",
    "Pipfile.lock": "pipenv",
    "Pipfile": "pipenv",
}
CONDA = ("environment.yml", "environment.yaml")
MANIFESTS = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.in")


def managers(tree: Tree) -> Iterator[Fact]:
    """Lock file, the tool's table or build backend in pyproject.toml, conda's file, then pip."""
    for prefix in tree.above():
        for file, name in LOCKS.items():
            if tree.has(prefix + file) and (not prefix or _is_workspace(tree.at(prefix))):
                yield Fact(name, prefix + file)
    document = tree.toml("pyproject.toml")
    tools = table(document, "tool")
    for name in ("poetry", "pdm", "uv"):
        if name in tools and (name != "poetry" or not _only_metadata(document)):
            yield Fact(name, "pyproject.toml", tree.line("pyproject.toml", f"tool.{name}"), DERIVED)
    if conda := tree.first(*CONDA):
        yield Fact("conda", conda)
    for file in ("requirements.txt", *MANIFESTS):
        if tree.has(file):
            yield Fact("pip", file, None, CONVENTION)


def versions(tree: Tree) -> Iterator[Fact]:
    """Files that pin the interpreter before ranges that say what is possible."""
    for path in (".python-version", "runtime.txt"):
        if fact := first_line(tree.read(path)):
            plain = fact.value.removeprefix("python-").removeprefix("cpython-")
            yield replace(fact, value=plain)
    yield from tool_files(tree, "python")
    requires = table(tree.toml("Pipfile"), "requires")
    locked = table(tree.json("Pipfile.lock"), "_meta", "requires")
    document = tree.toml("pyproject.toml")
    asked = (
        ("Pipfile", requires, "python_full_version"),
        ("Pipfile", requires, "python_version"),
        ("Pipfile.lock", locked, "python_full_version"),
        ("Pipfile.lock", locked, "python_version"),
        ("pyproject.toml", table(document, "project"), "requires-python"),
        ("pyproject.toml", table(document, "tool", "poetry", "dependencies"), "python"),
        ("uv.lock", tree.toml("uv.lock") if not document else {}, "requires-python"),
    )
    for path, place, key in asked:
        file, value = tree.read(path), place.get(key)
        if isinstance(value, dict):
            value = value.get("version")
        if file and isinstance(value, str) and value.strip():
            yield Fact(value.strip(), path, file.line_of(key))
    yield from _conda_version(tree)
    yield from _above(tree)


def _only_metadata(document: dict[str, Any]) -> bool:
    """Whether Poetry's table only describes a package that others build."""
    built_by = table(document, "build-system").get("build-backend")
    declares = "dependencies" in table(document, "tool", "poetry")
    return not declares and not str(built_by).startswith("poetry")


def _conda_version(tree: Tree) -> Iterator[Fact]:
    path = tree.first(*CONDA) or ""
    entries = tree.yaml(path).get("dependencies")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, str) and entry.replace(" ", "").startswith(("python=", "python>")):
            version = entry.replace(" ", "").removeprefix("python").lstrip("=")
            yield Fact(version, path, tree.line(path, entry))


def _above(tree: Tree) -> Iterator[Fact]:
    """A member of a workspace has the interpreter of the workspace."""
    for prefix in tree.above()[1:]:
        root = tree.at(prefix)
        if _is_workspace(root):
            yield from (replace(fact, file=prefix + fact.file) for fact in versions(root))
            return


def _is_workspace(tree: Tree) -> bool:
    return bool(table(tree.toml("pyproject.toml"), "tool", "uv", "workspace"))
