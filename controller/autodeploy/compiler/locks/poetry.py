"""poetry.lock, with what pyproject.toml's main dependencies ask of it."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from autodeploy.compiler.locks.lines import (
    Locked,
    git,
    outdated,
    parsed,
    path,
    pinned,
    registries,
)
from autodeploy.compiler.locks.walk import Need, Package, chosen, needed_by

LEGACY = ("dependencies", "source", "extras", "dev-dependencies")
PROJECT = ("requires-python", "dependencies", "optional-dependencies")


def poetry(project: str, lock: str, host: Mapping[str, str]) -> Locked:
    """The packages that the main dependencies need, development groups left out.

    Args:
        project: pyproject.toml.
        lock: poetry.lock.
        host: What markers are held against.

    Raises:
        BuildError: One cannot be read, or the lock is not of this project.
    """
    document = parsed("pyproject.toml", tomllib.loads, project)
    whole = parsed("poetry.lock", tomllib.loads, lock)
    metadata = whole.get("metadata") or {}
    if metadata.get("content-hash") not in {None, *_hashes(document)}:
        raise outdated("poetry.lock", "pyproject.toml", "poetry")
    listed = metadata.get("files") or {}
    packages = [_package(one, listed) for one in whole.get("package") or []]
    found, missing = chosen(_wanted(document), packages, host)
    if missing:
        raise outdated("poetry.lock", "pyproject.toml", "poetry")
    return Locked(
        lines=tuple(one.line for one in found),
        names=frozenset(one.name for one in found),
        registries=registries(one.registry for one in found),
        paths=tuple(one.path for one in found if one.path),
    )


def _wanted(document: dict[str, Any]) -> Iterator[Need]:
    yield from needed_by((document.get("project") or {}).get("dependencies") or [])
    table = _poetry(document).get("dependencies") or {}
    # Beside [project] this table only says more of the same packages.
    if (document.get("project") or {}).get("dependencies") is None:
        for name, said in table.items():
            if name.lower() != "python":
                yield from _needs(name, said)


def _needs(name: str, said: Any) -> Iterator[Need]:
    """What one entry of a table of dependencies asks for; it may be a list of them."""
    for one in said if isinstance(said, list) else [said]:
        more = one if isinstance(one, dict) else {}
        marker = more.get("markers")
        if not more.get("optional") or "extra" in (marker or ""):
            yield Need(name, tuple(more.get("extras") or ()), marker)


def _package(one: dict[str, Any], listed: Mapping[str, Any]) -> Package:
    name, source = one["name"], one.get("source") or {}
    kind = source.get("type")
    files = one.get("files") or listed.get(name) or []
    hashes = [file["hash"] for file in files if file.get("hash")]
    marker = one.get("markers")
    asked = (_needs(other, said) for other, said in (one.get("dependencies") or {}).items())
    return Package(
        name=name,
        version=one["version"],
        line=_line(name, one["version"], source, hashes),
        needs=tuple(need for some in asked for need in some),
        python=one.get("python-versions") or "*",
        marker=marker.get("main") if isinstance(marker, dict) else marker,
        path=source["url"] if kind in {"directory", "file"} else None,
        registry=source.get("url") if kind == "legacy" else None,
    )


def _line(name: str, version: str, source: dict[str, Any], hashes: list[str]) -> str:
    kind = source.get("type")
    if kind == "git":
        folder = source.get("subdirectory")
        return git(name, source["url"], source["resolved_reference"], folder)
    if kind in {"directory", "file"}:
        return path(name, source["url"])
    if kind == "url":
        return f"{name} @ {source['url']}{''.join(f' --hash={one}' for one in hashes)}"
    return pinned(name, version, hashes)


def _poetry(document: dict[str, Any]) -> dict[str, Any]:
    return (document.get("tool") or {}).get("poetry") or {}


def _hashes(document: dict[str, Any]) -> set[str]:
    """What Poetry 1 and 2 hash of a project; some versions of 2 leave dependency groups out."""
    groups = document.get("dependency-groups") or {}
    return {_hash(document, groups), _hash(document, {})}


def _hash(document: dict[str, Any], groups: dict[str, Any]) -> str:
    project, said = document.get("project") or {}, _poetry(document)
    of_project = {key: project[key] for key in PROJECT if project.get(key) is not None}
    always = () if of_project or groups else LEGACY
    of_tool = {
        key: said.get(key)
        for key in (*LEGACY, "group")
        if said.get(key) is not None or key in always
    }
    whole: dict[str, Any] = {"project": of_project} if of_project else {}
    whole |= {"dependency-groups": groups} if groups else {}
    whole = {**whole, "tool": {"poetry": of_tool}} if whole else of_tool
    return hashlib.sha256(json.dumps(whole, sort_keys=True, default=str).encode()).hexdigest()
