"""pdm.lock, with what pyproject.toml's dependencies ask of it."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from typing import Any

from packaging.utils import canonicalize_name

from autodeploy.compiler.locks.lines import (
    Locked,
    git,
    outdated,
    parsed,
    path,
    pinned,
    registries,
)
from autodeploy.compiler.locks.walk import Package, chosen, needed_by


def pdm(project: str, lock: str, host: Mapping[str, str]) -> Locked:
    """The packages that the dependencies need, development groups left out.

    Args:
        project: pyproject.toml.
        lock: pdm.lock.
        host: What markers are held against.

    Raises:
        BuildError: One cannot be read, or the lock is not of this project.
    """
    document = parsed("pyproject.toml", tomllib.loads, project)
    whole = parsed("pdm.lock", tomllib.loads, lock)
    metadata, said = whole.get("metadata") or {}, (document.get("tool") or {}).get("pdm") or {}
    # The hash of a workspace is over its members too: it is not looked at.
    locked_for = None if said.get("workspace") else metadata.get("content_hash")
    if locked_for not in {None, f"sha256:{_hash(document, said)}"}:
        raise outdated("pdm.lock", "pyproject.toml", "pdm")
    listed = metadata.get("files") or {}
    packages = [_package(one, listed) for one in whole.get("package") or []]
    declared = (document.get("project") or {}).get("dependencies") or []
    found, missing = chosen(needed_by(declared), packages, host)
    if missing:
        raise outdated("pdm.lock", "pyproject.toml", "pdm")
    return Locked(
        lines=tuple(one.line for one in found),
        names=frozenset(one.name for one in found),
        registries=registries(one.get("url") for one in said.get("source") or ()),
        paths=tuple(one.path for one in found if one.path),
    )


def _package(one: dict[str, Any], listed: Mapping[str, Any]) -> Package:
    files = one.get("files") or listed.get(f"{one['name']} {one['version']}") or []
    return Package(
        name=one["name"],
        version=one["version"],
        line=_line(one, [file["hash"] for file in files if file.get("hash")]),
        needs=tuple(needed_by(one.get("dependencies") or ())),
        extras=frozenset(one.get("extras") or ()),
        python=one.get("requires_python") or "*",
        marker=one.get("marker"),
        path=one.get("path"),
    )


def _line(one: dict[str, Any], hashes: list[str]) -> str:
    if one.get("git"):
        return git(one["name"], one["git"], one["revision"], one.get("subdirectory"))
    if one.get("path"):
        return path(one["name"], one["path"])
    if one.get("url"):
        return f"{one['name']} @ {one['url']}{''.join(f' --hash={each}' for each in hashes)}"
    return pinned(one["name"], one["version"], hashes)


def _hash(document: dict[str, Any], said: dict[str, Any]) -> str:
    """What PDM hashes of a project."""
    project = document.get("project") or {}
    development: dict[str, list[Any]] = {}
    for table in (document.get("dependency-groups") or {}, said.get("dev-dependencies") or {}):
        for name, lines in table.items():
            development.setdefault(canonicalize_name(name), []).extend(lines)
    whole = {
        "sources": said.get("source", []),
        "dependencies": project.get("dependencies", []),
        "dev-dependencies": development,
        "optional-dependencies": project.get("optional-dependencies", {}),
        "requires-python": project.get("requires-python", ""),
        "resolution": said.get("resolution", {}),
    }
    return hashlib.sha256(json.dumps(whole, sort_keys=True, default=str).encode()).hexdigest()
