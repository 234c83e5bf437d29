"""The Python on this machine that can stand in for the host's."""

from __future__ import annotations

import functools
import platform
import subprocess
import sys
from pathlib import Path

from autodeploy.compiler.toolchain import uv
from autodeploy.contracts import Image

OURS = Path(sys.executable)
NEWEST_THAT_UV_NAMES = (2, 40)


def target(image: Image) -> str:
    """The name that uv has for the host's platform."""
    return "x86_64-manylinux_{}_{}".format(*min(image.glibc, NEWEST_THAT_UV_NAMES))


@functools.cache
def of_the_host(image: Image) -> Path | None:
    """An interpreter of the host's minor version, where what it builds runs on the host too."""
    libc, glibc = platform.libc_ver()
    newer = libc != "glibc" or tuple(map(int, glibc.split(".")[:2])) > image.glibc
    if newer or platform.machine() != "x86_64" or sys.platform != "linux":
        return None
    command = uv("python", "find", "--system", "--no-project", "--no-python-downloads")
    found = subprocess.run(
        [*command, image.python_minor], cwd="/", capture_output=True, text=True, check=False
    )
    return Path(found.stdout.strip()) if found.returncode == 0 else None
