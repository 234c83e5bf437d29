"""Locked packages as lines of a requirements file."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from autodeploy.errors import BuildError

PUBLIC = frozenset({"pypi.org", "pypi.python.org"})  # This machine says where that is had.


@dataclass(frozen=True)
class Locked:
    """What a lock file says.

    Attributes:
        lines: Lines of a requirements file: all packages, none left to resolve.
        names: The packages' names.
        registries: Addresses of the registries that they come from besides the public one.
        paths: Those that lie in the repository itself.
    """

    lines: tuple[str, ...]
    names: frozenset[str] = frozenset()
    registries: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


def parsed(name: str, parse: Callable[[str], Any], text: str) -> dict[str, Any]:
    """A file's content.

    Raises:
        BuildError: It cannot be read, or is no table.
    """
    try:
        value = parse(text)
    except ValueError as error:
        raise BuildError(
            f"{name} cannot be read",
            cause=str(error),
            step="lock file",
            remediation="Mend it, or lock again.",
        ) from error
    if not isinstance(value, dict):
        raise BuildError(
            f"{name} is no table", step="lock file", remediation="Mend it, or lock again."
        )
    return value


def outdated(lock: str, manifest: str, tool: str) -> BuildError:
    """The error that a lock file was made for another manifest."""
    return BuildError(
        f"{lock} is out of step with {manifest}",
        cause=f"{manifest} was changed after {lock} was made",
        step="lock file",
        remediation=f"Run `{tool} lock` and commit {lock}.",
    )


def pinned(name: str, version: str, hashes: Iterable[str], marker: str | None = None) -> str:
    """The line of a package from a registry."""
    tail = "".join(f" --hash={digest}" for digest in sorted(hashes))
    return f"{name}=={version}{f' ; {marker}' if marker else ''}{tail}"


def git(name: str, url: str, revision: str, folder: str | None = None) -> str:
    """The line of a package from a git repository."""
    below = f"#subdirectory={folder}" if folder else ""
    return f"{name} @ git+{url}@{revision}{below}"


def path(name: str, where: str) -> str:
    """The line of a package that lies in the repository.

    Raises:
        BuildError: It lies elsewhere.
    """
    clean = posixpath.normpath(where)
    if clean == ".." or clean.startswith(("/", "../")):
        raise BuildError(
            f"{name} comes from {where}, which is outside the repository",
            step="lock file",
            remediation=f"Move {name} into the repository, or install it from a registry or git.",
        )
    return f"./{clean}"


def registries(addresses: Iterable[str | None]) -> tuple[str, ...]:
    """The addresses besides the public registry's, each once."""
    there = dict.fromkeys(one for one in addresses if one)
    return tuple(one for one in there if urlsplit(one).hostname not in PUBLIC)
