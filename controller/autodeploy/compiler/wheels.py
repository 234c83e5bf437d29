"""Python packages as the host needs them: ready-made where there are wheels, else compiled there.

What is compiled here is used only where it needs nothing but the C library: what it links to
beyond that is another one on the host, or is not there at all.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from importlib.metadata import version
from pathlib import Path

from packaging.utils import canonicalize_name

from autodeploy.compiler import compiled, interpreter
from autodeploy.compiler.elsewhere import NeedsHost
from autodeploy.compiler.hostshell import HostShell, libraries
from autodeploy.compiler.job import Job
from autodeploy.compiler.system_packages import COMPILER, FOR_PYTHON, PYTHON_HEADERS, runtime
from autodeploy.compiler.toolchains import uv
from autodeploy.errors import BuildFailed

COMPILERS = (*COMPILER, *PYTHON_HEADERS, "pkg-config", "python3-venv")
UNBUILT = re.compile(r"no usable wheels|building from source is disabled|[Ff]ailed to build")
NAMED = re.compile(r"`([A-Za-z0-9][A-Za-z0-9._-]*)(?:==[^`]*)?`")
COMPILED_HERE = re.compile(r"^Tag: .*-linux_", re.MULTILINE)


def install(job: Job, folder: Path, wanted: list[list[str]], names: Collection[str]) -> None:
    """Install into `work/packages` on this machine.

    Args:
        job: The build.
        folder: The copy of the source that the arguments are relative to.
        wanted: What to install, as uv takes it, one list after another.
        names: Normalised names of what is wanted, as far as known.

    Raises:
        NeedsHost: Something must be compiled, and cannot be here.
        BuildFailed: Anything else.
    """
    try:
        for arguments in wanted:
            _install(job, folder, arguments)
    except BuildFailed as error:
        if not UNBUILT.search(error.output):
            raise
        named = set(NAMED.findall(error.output))
        listed = ", ".join(sorted(named)) or "a package"
        raise _needs_host(
            job, f"{listed}: no wheel for {job.image.name}", {*names, *named}
        ) from error
    foreign = dict(foreign_libraries(job.work / "packages"))
    if foreign:
        listed = ", ".join(f"{name} links to {library}" for name, library in foreign.items())
        raise _needs_host(job, listed, {*names, *foreign})


def _install(job: Job, folder: Path, arguments: list[str]) -> None:
    """Install; an interpreter is fetched only for packages that want building."""
    here = interpreter.at_hand(job)
    job.here.show(here or interpreter.OURS)
    try:
        job.shell.run([*_command(job, here), *arguments], folder)
    except BuildFailed as error:
        here = None if here or not UNBUILT.search(error.output) else interpreter.fetched(job)
        if here is None:
            raise
        job.here.show(here)
        job.shell.run([*_command(job, here), *arguments], folder)


def _command(job: Job, here: Path | None) -> list[str]:
    return [
        *uv("pip", "install", "--target", "../packages"),
        *("--python", str(here or interpreter.OURS)),
        *("--python-version", job.runtime.version or ""),
        *("--python-platform", interpreter.target(job.image, job.settings.arch)),
        *(() if here else ("--no-build",)),
    ]


def install_on_host(job: Job, folder: Path, wanted: list[list[str]]) -> tuple[str, ...]:
    """Install into `work/packages` on the host; gives the Debian packages that it links to."""
    shell = job.shell
    assert isinstance(shell, HostShell)  # noqa: S101
    python, tools = f"{job.runtime.bin}/python{job.runtime.line}", f"{shell.place.work}/tools"
    installing = [f"{tools}/bin/uv", "pip", "install", "--target", "../packages"]
    installing += ["--python", python]
    shell.run_all(
        [
            [python, "-m", "venv", tools],
            [f"{tools}/bin/pip", "install", "--quiet", f"uv=={version('uv')}"],
            *([*installing, *arguments] for arguments in wanted),
        ],
        folder,
    )
    return libraries(shell, job.work, "packages")


def foreign_libraries(packages: Path) -> Iterator[tuple[str, str]]:
    """What was compiled here and links to more than the C library: package and library."""
    for information in packages.glob("*.dist-info"):
        wheel, record = information / "WHEEL", information / "RECORD"
        if not (wheel.is_file() and COMPILED_HERE.search(wheel.read_text())):
            continue
        for line in record.read_text().splitlines():
            path = packages / line.split(",", 1)[0]
            if ".so" in path.name and path.is_file():
                one = compiled.read(path)
                for library in one.foreign if one else ():
                    yield information.name.split("-")[0], library


def opened(packages: Path, image: str) -> tuple[str, ...]:
    """Debian packages of the libraries that installed ones open by name when they run."""
    there = {canonicalize_name(one.name.split("-")[0]) for one in packages.glob("*.dist-info")}
    found = (
        name
        for distribution in sorted(there & FOR_PYTHON.keys())
        if not FOR_PYTHON[distribution].build and f"{distribution}-binary" not in there
        for name in FOR_PYTHON[distribution].runtime
    )
    return runtime(found, image)


def _needs_host(job: Job, reason: str, names: Collection[str]) -> NeedsHost:
    known = sorted({canonicalize_name(name) for name in names} & FOR_PYTHON.keys())
    build = [package for name in known for package in FOR_PYTHON[name].build]
    return NeedsHost(reason, [*COMPILERS, *build, *job.settings.packages])
