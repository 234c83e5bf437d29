"""The Python on this machine that can stand in for the host's: same minor version, same libc."""

from __future__ import annotations

import functools
import platform
import subprocess
import sys
from pathlib import Path

from autodeploy.compiler.image import newest
from autodeploy.compiler.job import Job
from autodeploy.compiler.toolchains import PythonBuilds, uv
from autodeploy.contracts import PROCESSORS, Image
from autodeploy.errors import ToolMissing

OURS = Path(sys.executable)
NEWEST_THAT_UV_NAMES = (2, 40)


def target(image: Image, arch: str) -> str:
    """The name that uv has for the host's platform."""
    major, minor = min(image.glibc, NEWEST_THAT_UV_NAMES)
    return f"{PROCESSORS[arch]}-manylinux_{major}_{minor}"


def at_hand(job: Job) -> Path | None:
    """An interpreter that is on this machine already; None where there is none that will do."""
    if not _runs_here(job):
        return None
    if job.runtime.layer:
        builds = PythonBuilds(job.toolchains, job.settings.arch)
        return _program(builds.fetch(job.runtime.version or ""))
    return installed(job.runtime.line)


def fetched(job: Job) -> Path | None:
    """One that was fetched for it; None, with a word, where it is not to be had."""
    if not _runs_here(job):
        return None
    builds, line = PythonBuilds(job.toolchains, job.settings.arch), job.runtime.line
    try:
        version = newest("python", line, None, builds.versions())
        return _program(builds.fetch(version)) if version else None
    except ToolMissing as error:
        job.log.warning(f"Python {line} is not on this machine, and {error.message}")
        return None


@functools.cache
def installed(line: str) -> Path | None:
    """This machine's own interpreter of a line such as `3.11`."""
    command = uv("python", "find", "--system", "--no-project", "--no-python-downloads")
    found = subprocess.run([*command, line], cwd="/", capture_output=True, text=True, check=False)
    return Path(found.stdout.strip()) if found.returncode == 0 else None


def _runs_here(job: Job) -> bool:
    """Whether what is compiled here runs on the host."""
    libc, glibc = platform.libc_ver()
    newer = libc != "glibc" or tuple(map(int, glibc.split(".")[:2])) > job.image.glibc
    machine = PROCESSORS[job.settings.arch]
    return not newer and platform.machine() == machine and sys.platform == "linux"


def _program(tree: Path) -> Path:
    return tree / "bin" / "python3"
