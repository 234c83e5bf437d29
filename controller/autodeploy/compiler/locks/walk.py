"""Which locked packages one application on one host needs: a walk from what it asks for."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version


@dataclass(frozen=True)
class Need:
    """A package that is asked for, with extras, on hosts that a marker fits."""

    name: str
    extras: tuple[str, ...] = ()
    marker: str | None = None


def needed_by(lines: Iterable[str]) -> Iterator[Need]:
    """What lines of requirements ask for; those that cannot be read are the tool's own business."""
    for line in lines:
        try:
            one = Requirement(line)
        except InvalidRequirement:
            continue
        yield Need(one.name, tuple(sorted(one.extras)), str(one.marker) if one.marker else None)


@dataclass(frozen=True)
class Package:
    """A package of a lock file.

    Attributes:
        name: Its name.
        version: Its version.
        line: It as a line of a requirements file.
        needs: What it asks for.
        extras: The extras that `needs` are those of; empty where markers part them.
        python: The versions of Python that it is for.
        marker: The hosts that it is for.
        path: Where in the repository it lies; None for elsewhere.
        registry: Address of the registry that it comes from, where the lock says one.
    """

    name: str
    version: str
    line: str
    needs: tuple[Need, ...] = ()
    extras: frozenset[str] = frozenset()
    python: str = "*"
    marker: str | None = None
    path: str | None = None
    registry: str | None = None


def environment(python: str, machine: str) -> dict[str, str]:
    """What markers ask, as a host with this version of Python and this processor would answer."""
    return {
        "implementation_name": "cpython",
        "implementation_version": python,
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": python,
        "python_version": ".".join(python.split(".")[:2]),
        "sys_platform": "linux",
    }


def chosen(
    needs: Iterable[Need], packages: Iterable[Package], host: Mapping[str, str]
) -> tuple[list[Package], list[str]]:
    """The packages that are needed, by name; and the names asked for that are not locked.

    What a package asks for and the lock does not have was left out by the tool on purpose.
    """
    by_name: dict[str, list[Package]] = {}
    for package in packages:
        by_name.setdefault(canonicalize_name(package.name), []).append(package)
    direct = [one for one in needs if _holds(one.marker, host, "")]
    missing = [one.name for one in direct if canonicalize_name(one.name) not in by_name]
    found: dict[str, Package] = {}
    todo, seen = deque(direct), set[tuple[str, str]]()
    while todo:
        need = todo.popleft()
        name = canonicalize_name(need.name)
        for extra in ("", *need.extras):
            if name not in by_name or (name, extra) in seen:
                continue
            seen.add((name, extra))
            package = _newest(by_name[name], extra, host)
            found.setdefault(name, package)
            todo.extend(one for one in package.needs if _holds(one.marker, host, extra))
    return [found[name] for name in sorted(found)], missing


def _holds(marker: str | None, host: Mapping[str, str], extra: str) -> bool:
    if not marker:
        return True
    try:
        return Marker(marker).evaluate({**host, "extra": extra})
    except InvalidMarker:
        return True


def _newest(packages: list[Package], extra: str, host: Mapping[str, str]) -> Package:
    """Of one package locked several times, the newest that this host may have."""
    own = [one for one in packages if extra in one.extras]
    own = own or [one for one in packages if not one.extras] or packages
    return max(list(_fitting(own, host)) or own, key=_version)


def _version(package: Package) -> Version:
    try:
        return Version(package.version)
    except InvalidVersion:
        return Version("0")


def _fitting(packages: Iterable[Package], host: Mapping[str, str]) -> Iterator[Package]:
    for package in packages:
        try:
            right = SpecifierSet("" if package.python == "*" else package.python)
        except InvalidSpecifier:
            right = SpecifierSet()
        if right.contains(host["python_full_version"]) and _holds(package.marker, host, ""):
            yield package
