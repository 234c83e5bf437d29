"""Package managers: how each is called, and where it comes from.

npm comes with Node. The others, and an npm of another version than the repository asks for, come
from npm's registry by their version: never is a machine's own taken because it is there.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autodeploy.compiler.job import Job
from autodeploy.compiler.node import berry, versions
from autodeploy.compiler.node.calls import FROZEN, UNLOCKED, Calls
from autodeploy.compiler.toolchains import Toolchain, npm_package
from autodeploy.errors import BuildError

BUN = "@oven/bun-linux-x64"
BERRY = 2
PNPM_NATIVE = "@pnpm/exe.linux-x64"  # Since 12; what lies in .bin then is no program.
# The programs' shims would name the build's folder; `run` would install once more; the version is
# chosen here.
PNPM = {
    "extend_node_path": "false",
    "verify_deps_before_run": "false",
    "manage_package_manager_versions": "false",
    "pm_on_fail": "ignore",
}


@dataclass(frozen=True)
class Manager:
    """A package manager that is there.

    Attributes:
        name: npm, pnpm, yarn (classic), berry (yarn 2 or newer) or bun.
        version: The version, for the keys of layers.
        calls: What it is told.
        variables: Variables over the build's own: Node's and its own, PATH among them.
    """

    name: str
    version: str
    calls: Calls
    variables: dict[str, str] = field(default_factory=dict)


def manager(job: Job, tools: Toolchain, manifest: Mapping[str, Any]) -> Manager:
    """The package manager of a repository, fetched where it is not there yet.

    Raises:
        BuildError: There is no version of it like the one asked for.
        ToolMissing: It is not to be had.
    """
    name, lock = job.tool.name, job.tool.lock
    text = job.tree.read(lock) if lock in {"pnpm-lock.yaml", "yarn.lock"} else ""
    asked = versions.wanted(name, manifest, text, berry=".yarnrc.yml" in job.tree.names)
    if name == "yarn" and _major(asked) >= BERRY:
        return _berry(job, tools, asked)
    calls = (FROZEN if lock else UNLOCKED).get(name)
    if calls is None:
        raise BuildError(f"{name} is no package manager of Node", step="tool")
    if name == "bun":
        program, version = bun(job, tools, manifest)
        return Manager(
            name, version, calls, {**tools.variables, "PATH": _first(program.parent, tools)}
        )
    if name == "npm" and versions.satisfies(tools.version.rpartition(" ")[2], asked):
        return Manager("npm", "", calls, tools.variables)
    modules = npm_package(job.toolchains, tools, name, asked)
    native = modules / PNPM_NATIVE
    programs = native if native.is_dir() else modules / ".bin"
    own = {**_variables(name, job.downloads), "PATH": _first(programs, tools)}
    return Manager(name, _version(modules / name), calls, {**tools.variables, **own})


def _variables(name: str, downloads: Path) -> dict[str, str]:
    if name == "yarn":
        return {"YARN_CACHE_FOLDER": str(downloads / "yarn-classic")}
    if name == "pnpm":
        said = {**PNPM, "store_dir": str(downloads / "pnpm")}
        # Its name for them changed with version 11.
        return {f"{prefix}_config_{key}": said[key] for prefix in ("npm", "pnpm") for key in said}
    return {}


def bun(job: Job, tools: Toolchain, manifest: Mapping[str, Any]) -> tuple[Path, str]:
    """Bun's program and its version; it may run an application that another manager installs."""
    modules = npm_package(
        job.toolchains, tools, BUN, versions.wanted("bun", manifest, "", berry=False)
    )
    return modules / BUN / "bin" / "bun", _version(modules / BUN)


def _berry(job: Job, tools: Toolchain, asked: str) -> Manager:
    """Yarn 2 or newer: the release that the repository brings along, else a fetched one."""
    settings = berry.settings(job.tree)
    variables = berry.variables(job.downloads, settings)
    if settings.release:
        folder = _shim(job, settings.release)
        version = f"{settings.release} {job.tree.digest_of([settings.release])}"
    else:
        modules = npm_package(job.toolchains, tools, "@yarnpkg/cli-dist", asked)
        folder, version = modules / ".bin", _version(modules / "@yarnpkg" / "cli-dist")
    return Manager(
        "berry",
        version,
        berry.calls(settings, _major(settings.release or asked), locked=job.tool.lock is not None),
        {**tools.variables, **variables, "PATH": _first(folder, tools)},
    )


def _version(folder: Path) -> str:
    return str(json.loads((folder / "package.json").read_text())["version"])


def _first(folder: Path, tools: Toolchain) -> str:
    path = tools.variables.get("PATH") or os.environ.get("PATH", os.defpath)
    return f"{folder}{os.pathsep}{path}"


def _shim(job: Job, release: str) -> Path:
    """A folder with a `yarn` that is the repository's own release."""
    folder = job.work / "yarn"
    job.tree.copy(folder, [release])
    shim = folder / "yarn"
    shim.write_text(f'#!/bin/sh\nexec node "{folder / release}" "$@"\n')
    shim.chmod(0o755)
    return folder


def _major(text: str) -> int:
    """The first number of a version, a range, or the path of a release."""
    found = re.search(r"\d+", text.rpartition("/")[2])
    return int(found[0]) if found else berry.NEWEST
