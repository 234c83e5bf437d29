"""CPython's portable builds, as uv fetches them: it compares their SHA-256 with its own table.

UV_PYTHON_INSTALL_MIRROR names a mirror of them, UV_PYTHON_DOWNLOADS_JSON_URL another table.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from autodeploy.compiler.layers import Contents
from autodeploy.compiler.shell import Shell
from autodeploy.compiler.toolchains.pypi import uv
from autodeploy.compiler.toolchains.store import Store
from autodeploy.contracts import PROCESSORS

MIRRORS = ("UV_PYTHON_INSTALL_MIRROR", "UV_PYTHON_DOWNLOADS_JSON_URL")
BUILT_FOR = b"/install"
STABLE = re.compile(r"\d+\.\d+\.\d+")
REMEDIATION = (
    "Name a mirror of python-build-standalone's releases in UV_PYTHON_INSTALL_MIRROR, or choose "
    "an image or a version that fit each other: see docs/runtimes.md."
)


class PythonBuilds:
    """The builds for one processor."""

    def __init__(self, store: Store, arch: str, environ: Mapping[str, str] = os.environ) -> None:
        self._store = store
        self._platform = f"linux-{PROCESSORS[arch]}-gnu"
        self._variables = {name: environ[name] for name in MIRRORS if environ.get(name)}
        self._variables["UV_PYTHON_DOWNLOADS"] = "manual"

    def versions(self) -> list[str]:
        """All versions there are."""
        return list(self._addresses)

    def identity(self, version: str) -> str:
        """What tells one build of a version from another."""
        return self._addresses[version]

    def fetch(self, version: str) -> Path:
        """The folder with its `bin/`, on this machine.

        Raises:
            ToolMissing: It is not to be had, or is not what its checksum says.
        """
        key = f"cpython-{version}-{self._platform}"
        address = hashlib.sha256(self.identity(version).encode()).hexdigest()

        def install(shell: Shell, folder: Path) -> None:
            command = uv("python", "install", "--no-config", "--no-bin", "--install-dir")
            shell.run([*command, str(folder), key], folder, self._variables)
            _forget(folder / key)

        name, what = f"{key}-{address[:8]}", f"Python {version}"
        return self._store.once(name, install, what, REMEDIATION) / key

    def contents(self, version: str) -> Contents:
        """What of it a host needs."""
        return Contents(self.fetch(version))

    @cached_property
    def _addresses(self) -> dict[str, str]:
        command = ["python", "list", "--no-config", "--all-versions", "--all-arches"]
        options = ["--only-downloads", "--output-format", "json"]
        what = "the list of Python's builds"
        found = self._store.ask(uv(*command, *options), self._variables, what, REMEDIATION)
        return {
            one["version"]: one["url"]
            for one in found
            if one["key"] == f"cpython-{one['version']}-{self._platform}"
            and STABLE.fullmatch(one["version"])
        }


def _forget(tree: Path) -> None:
    """Take the folder of this machine out again, which uv writes into its configuration."""
    place = os.fsencode(tree)
    for pattern in ("lib/python*/_sysconfigdata*.py", "lib/pkgconfig/*.pc"):
        for file in tree.glob(pattern):
            text = file.read_bytes()
            if not file.is_symlink() and place in text:
                file.write_bytes(text.replace(place, BUILT_FOR))
