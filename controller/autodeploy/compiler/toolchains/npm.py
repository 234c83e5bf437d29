"""Packages of npm's registry that are tools: package managers."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from autodeploy.compiler.shell import Shell
from autodeploy.compiler.toolchains.store import Store, Toolchain

REMEDIATION = (
    "Ask for a version that there is (`npm view {package} versions`) in package.json: in "
    "`packageManager`, `devEngines` or `engines`."
)
PLAIN = re.compile(r"[\w.-]+")


def npm_package(store: Store, tools: Toolchain, package: str, wanted: str) -> Path:
    """The `node_modules` that has a package of npm's registry, fetched by Node's own npm.

    Args:
        store: Where it is kept.
        tools: Node and npm.
        package: The package's name.
        wanted: A version or a range of versions.

    Raises:
        ToolMissing: It is not to be had.
    """

    def install(shell: Shell, folder: Path) -> None:
        command = ["npm", "install", "--prefix", str(folder), "--no-save", "--ignore-scripts"]
        shell.run([*command, f"{package}@{wanted}"], folder, tools.variables)

    name = re.sub(r"[^\w.-]", "_", f"{package}-{wanted}")
    if not PLAIN.fullmatch(wanted):
        name += f"-{hashlib.sha256(wanted.encode()).hexdigest()[:8]}"
    return (
        store.once(name, install, f"{package} {wanted}", REMEDIATION.format(package=package))
        / "node_modules"
    )
