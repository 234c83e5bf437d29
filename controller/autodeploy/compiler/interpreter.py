"""The Python on this machine that can stand in for the host's: same minor version, same libc."""

from __future__ import annotations

import functools
import platform
import subprocess
import sys
from pathlib import Path

from autodeploy.compiler.image import newest
from autodeploy.compiler.toolchains import PythonBuilds, Store, uv
from autodeploy.contracts import Image, Runtime
from autodeploy.errors import ToolMissing

OURS = Path(sys.executable)
NEWEST_THAT_UV_NAMES = (2, 40)


def target(image: Image) -> str:
    """The name that uv has for the host's platform."""
    return "x86_64-manylinux_{}_{}".format(*min(image.glibc, NEWEST_THAT_UV_NAMES))


def at_hand(image: Image, runtime: Runtime, store: Store) -> Path | None:
    """An interpreter that is on this machine already; None where there is none that will do."""
    if not _runs_here(image):
        return None
    if runtime.layer:
        return _program(PythonBuilds(store, "amd64").fetch(runtime.version or ""))
    return installed(runtime.line)


def fetched(image: Image, runtime: Runtime, store: Store) -> Path | None:
    """One that was fetched for it; None, with a word, where it is not to be had."""
    if not _runs_here(image):
        return None
    builds = PythonBuilds(store, "amd64")
    try:
        version = newest("python", runtime.line, None, builds.versions())
        return _program(builds.fetch(version)) if version else None
    except ToolMissing as error:
        store.log.warning(f"Python {runtime.line} is not on this machine, and {error.message}")
        return None


@functools.cache
def installed(line: str) -> Path | None:
    """This machine's own interpreter of a line such as `3.11`."""
    command = uv("python", "find", "--system", "--no-project", "--no-python-downloads")
    found = subprocess.run([*command, line], cwd="/", capture_output=True, text=True, check=False)
    return Path(found.stdout.strip()) if found.returncode == 0 else None


def _runs_here(image: Image) -> bool:
    """Whether what is compiled here runs on the host."""
    libc, glibc = platform.libc_ver()
    newer = libc != "glibc" or tuple(map(int, glibc.split(".")[:2])) > image.glibc
    return not newer and platform.machine() == "x86_64" and sys.platform == "linux"


def _program(tree: Path) -> Path:
    return tree / "bin" / "python3"
