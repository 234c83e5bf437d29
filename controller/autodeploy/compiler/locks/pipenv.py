"""Pipfile.lock: every package that is shipped stands in `default`."""

from __future__ import annotations

import hashlib
import json
import tomllib
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

# Of a Pipfile's tables, those that are no category of packages.
ASIDE = frozenset(
    {"source", "packages", "dev-packages", "requires", "scripts", "pipfile", "pipenv"}
)


def pipenv(manifest: str, lock: str) -> Locked:
    """Pipfile.lock's packages.

    Raises:
        BuildError: It cannot be read, or is not of this Pipfile.
    """
    whole = parsed("Pipfile.lock", json.loads, lock)
    meta = whole.get("_meta") or {}
    locked_for = (meta.get("hash") or {}).get("sha256")
    if manifest and locked_for and locked_for != _hash(parsed("Pipfile", tomllib.loads, manifest)):
        raise outdated("Pipfile.lock", "Pipfile", "pipenv")
    packages = whole.get("default") or {}
    places = [_path(one) for one in packages.values()]
    return Locked(
        lines=tuple(sorted(_line(name, one) for name, one in packages.items())),
        names=frozenset(packages),
        registries=registries(one.get("url") for one in meta.get("sources") or ()),
        paths=tuple(one for one in places if one),
    )


def _line(name: str, one: dict[str, Any]) -> str:
    where, marker = _path(one), one.get("markers")
    if where:
        return path(name, where)
    if "git" in one:
        return git(name, one["git"], one["ref"], one.get("subdirectory"))
    if "file" in one:
        return f"{name} @ {one['file']}"
    version = str(one.get("version", "")).removeprefix("==")
    return pinned(name, version, one.get("hashes") or (), marker)


def _path(one: dict[str, Any]) -> str | None:
    place = one.get("path") or one.get("file")
    return None if place is None or "://" in place else str(place)


def _hash(manifest: dict[str, Any]) -> str:
    """What Pipenv hashes of a Pipfile."""
    whole = {
        "_meta": {"sources": manifest.get("source"), "requires": manifest.get("requires", {})},
        "default": manifest.get("packages", {}),
        "develop": manifest.get("dev-packages", {}),
        **{name: one for name, one in manifest.items() if name not in ASIDE},
    }
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
