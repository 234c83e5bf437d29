"""Which version of a package manager a repository asks for.

`packageManager` is exact; `devEngines` and `engines` are ranges; else the lock file's own format
says which line wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import nodesemver

from autodeploy.compiler.node.manifest import table
from autodeploy.errors import BuildError

PNPM_LOCK = re.compile(r"^lockfileVersion:\s*'?(\d+)", re.MULTILINE)
BERRY_LOCK = re.compile(r"^__metadata:\n\s+version:\s*(\d+)", re.MULTILINE)
# The newest line that writes and reads a format; newer formats are read by the newest of all.
PNPM = {5: "7", 6: "8", 9: "10"}
BERRY = {4: "2", 5: "2", 6: "3"}
NEWEST = {"npm": "*", "pnpm": "10", "yarn": "4", "bun": "1"}
CLASSIC = "1"


def wanted(name: str, manifest: Mapping[str, Any], lock: str, *, berry: bool) -> str:
    """The version or range of a package manager, as npm reads it.

    Args:
        name: npm, pnpm, yarn or bun.
        manifest: The package.json.
        lock: The lock file's text; "" where there is none.
        berry: Whether yarn's configuration is of yarn 2 or newer.

    Raises:
        BuildError: What the manifest says is no version.
    """
    exact = _package_manager(name, manifest)
    if exact:
        return _checked(exact, "packageManager")
    line = _line(name, lock, berry=berry)
    for key, said in (
        ("devEngines", _dev_engines(name, manifest)),
        ("engines", table(manifest, "engines").get(name, "")),
    ):
        if said:
            asked = _checked(said, f"{key} of {name}")
            return line if _admits(asked, line) else asked
    return line


def _package_manager(name: str, manifest: Mapping[str, Any]) -> str:
    said, _at, version = str(manifest.get("packageManager") or "").partition("@")
    return version.partition("+")[0] if said == name else ""


def _dev_engines(name: str, manifest: Mapping[str, Any]) -> str:
    engines = manifest.get("devEngines")
    said = engines.get("packageManager") if isinstance(engines, dict) else None
    one = said if isinstance(said, dict) else {}
    return str(one.get("version") or "") if one.get("name") == name else ""


def _line(name: str, lock: str, *, berry: bool) -> str:
    if name == "pnpm" and (found := PNPM_LOCK.search(lock)):
        return PNPM.get(int(found[1]), "latest")
    if name == "yarn":
        found = BERRY_LOCK.search(lock)
        if found:
            return BERRY.get(int(found[1]), NEWEST[name])
        return NEWEST[name] if berry else CLASSIC
    return NEWEST[name]


def _admits(asked: str, line: str) -> bool:
    return line.isdigit() and satisfies(f"{line}.99999.99999", asked)


def satisfies(version: str, asked: str) -> bool:
    """Whether a version is in a range."""
    return asked == "*" or bool(nodesemver.satisfies(version, asked, loose=True))


def _checked(text: str, where: str) -> str:
    """The text, where npm would read it as a version: it also takes addresses and folders."""
    try:
        known = nodesemver.valid_range(text.strip(), loose=True) is not None
    except ValueError:
        known = False
    if not known:
        raise BuildError(
            f"{where} in package.json is no version",
            cause=f"it says {text[:80]!r}",
            step="tool",
            remediation="Write a version there, such as `pnpm@10.4.1`.",
        )
    return text.strip()
