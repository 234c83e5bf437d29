"""Our uv, and tools that come as packages of PyPI."""

from __future__ import annotations

import sys
from pathlib import Path

from uv import find_uv_bin

from autodeploy.compiler.shell import Shell
from autodeploy.compiler.toolchains.store import Store


def uv(*arguments: str) -> list[str]:
    """A command line of the uv that is our dependency."""
    return [find_uv_bin(), *arguments]


def from_pypi(store: Store, name: str, requirement: str) -> Path:
    """The files of a package's wheel, in the toolchain `name`.

    Raises:
        ToolMissing: It is not to be had.
    """

    def install(shell: Shell, folder: Path) -> None:
        command = ["pip", "install", "--python", sys.executable, "--target", str(folder)]
        shell.run(uv(*command, "--no-config", "--no-build", requirement), folder)

    return store.once(name, install)
