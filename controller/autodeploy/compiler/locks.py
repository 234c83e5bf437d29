"""What Poetry's, PDM's and Pipenv's lock files say, as requirements that uv reads.

Poetry's and PDM's locks say which versions, the project file says which packages are wanted: the
first become constraints, the second requirements, and uv's resolver puts them together.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from autodeploy.errors import BuildError


@dataclass(frozen=True)
class Locked:
    """Lines of a requirements file and of a constraints file."""

    requirements: tuple[str, ...]
    constraints: tuple[str, ...] = ()


def pipenv(lock: str) -> Locked:
    """Pipfile.lock's `default` packages."""
    packages = _parsed("Pipfile.lock", json.loads, lock).get("default") or {}
    return Locked(tuple(sorted(_pipenv_line(name, one) for name, one in packages.items())))


def poetry(project: str, lock: str, python: str) -> Locked:
    """The main dependencies of pyproject.toml, at poetry.lock's versions."""
    document = _parsed("pyproject.toml", tomllib.loads, project)
    table = document.get("tool", {}).get("poetry", {}).get("dependencies") or {}
    wanted = [_poetry_line(name, one) for name, one in table.items() if name.lower() != "python"]
    declared = document.get("project", {}).get("dependencies") or []
    requirements = tuple(line for line in wanted if line)
    return Locked((*declared, *requirements), _constraints("poetry.lock", lock, python))


def pdm(project: str, lock: str, python: str) -> Locked:
    """The dependencies of pyproject.toml, at pdm.lock's versions."""
    document = _parsed("pyproject.toml", tomllib.loads, project)
    declared = document.get("project", {}).get("dependencies") or []
    return Locked(tuple(declared), _constraints("pdm.lock", lock, python))


def _parsed(name: str, parse: Any, text: str) -> dict[str, Any]:
    try:
        value = parse(text)
    except ValueError as error:
        raise BuildError(f"{name} cannot be read", cause=str(error), step="lock file") from error
    if not isinstance(value, dict):
        raise BuildError(f"{name} is no table", step="lock file")
    return value


def _pipenv_line(name: str, one: dict[str, Any]) -> str:
    if "git" in one:
        return f"{name} @ git+{one['git']}@{one['ref']}"
    if "path" in one or "file" in one:
        raise BuildError(f"{name} comes from a path, which cannot be shipped", step="lock file")
    extras = f"[{','.join(one['extras'])}]" if one.get("extras") else ""
    markers = f" ; {one['markers']}" if one.get("markers") else ""
    hashes = "".join(f" --hash={digest}" for digest in one.get("hashes") or [])
    return f"{name}{extras}{one.get('version', '')}{markers}{hashes}"


def _poetry_line(name: str, one: Any) -> str | None:
    """The package's name with extras and markers; its version is the lock's."""
    if isinstance(one, list):
        one = one[0] if one else {}
    if not isinstance(one, dict):
        return name
    if one.get("optional"):
        return None
    if "path" in one:
        raise BuildError(f"{name} comes from a path, which cannot be shipped", step="lock file")
    extras = f"[{','.join(one['extras'])}]" if one.get("extras") else ""
    markers = f" ; {one['markers']}" if one.get("markers") else ""
    return f"{name}{extras}{markers}"


def _constraints(file: str, lock: str, python: str) -> tuple[str, ...]:
    packages = _parsed(file, tomllib.loads, lock).get("package") or []
    by_name: dict[str, list[dict[str, Any]]] = {}
    for package in packages:
        by_name.setdefault(package["name"], []).append(package)
    return tuple(sorted(_pin(_newest(found, python)) for found in by_name.values()))


def _pin(package: dict[str, Any]) -> str:
    name, source = package["name"], package.get("source") or {}
    if source.get("type") == "git":
        return f"{name} @ git+{source['url']}@{source['resolved_reference']}"
    if package.get("git"):
        return f"{name} @ git+{package['git']}@{package['revision']}"
    return f"{name}=={package['version']}"


def _newest(packages: list[dict[str, Any]], python: str) -> dict[str, Any]:
    """Of one package locked in several versions, the newest that this Python may have."""
    fitting = list(_fitting(packages, python)) or packages
    return max(fitting, key=lambda one: Version(one["version"]))


def _fitting(packages: Iterable[dict[str, Any]], python: str) -> Iterator[dict[str, Any]]:
    for package in packages:
        asked = package.get("python-versions") or package.get("requires_python") or "*"
        try:
            if asked == "*" or SpecifierSet(asked).contains(python):
                yield package
        except InvalidSpecifier:
            yield package
