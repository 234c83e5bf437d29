"""A folder of installed packages as a virtual environment for the host's own Python."""

from __future__ import annotations

from pathlib import Path

from autodeploy.contracts import Runtime

# What `uv venv --relocatable` writes: sh runs the second line, Python takes it for a string.
RELOCATABLE = b"""#!/bin/sh
'''exec' "$(dirname -- "$(realpath -- "$0")")"/'python' "$0" "$@"
' '''
"""
CONFIGURATION = """home = {home}
implementation = CPython
version_info = {version}
include-system-site-packages = false
relocatable = true
"""
OF_THIS_MACHINE = ("direct_url.json", "uv_cache.json", "uv_build.json", "REQUESTED", "INSTALLER")


def links(runtime: Runtime) -> frozenset[str]:
    """The links of such an environment that point to the host's Python."""
    return frozenset({"bin/python", "bin/python3", f"bin/python{runtime.line}"})


def shape(packages: Path, folder: Path, runtime: Runtime) -> None:
    """Move `packages` (as `pip install --target` leaves them) into a virtual environment.

    Args:
        packages: The installed packages; gone afterwards.
        folder: The environment; made.
        runtime: The host's Python.
    """
    library = folder / "lib" / f"python{runtime.line}"
    library.mkdir(parents=True)
    packages.mkdir(exist_ok=True)
    scripts = folder / "bin"
    if (packages / "bin").is_dir():
        (packages / "bin").rename(scripts)
    scripts.mkdir(exist_ok=True)
    site = packages.rename(library / "site-packages")
    configuration = CONFIGURATION.format(home=runtime.bin, version=runtime.version)
    (folder / "pyvenv.cfg").write_text(configuration)
    for script in scripts.iterdir():
        _relocate(script)
    for link in links(runtime):
        (folder / link).unlink(missing_ok=True)
        (folder / link).symlink_to(f"{runtime.bin}/python{runtime.line}")
    _forget(site)


def adopt(folder: Path, interpreter: Path) -> None:
    """Let an environment of the host run on this machine, by an interpreter of the same minor."""
    configuration = folder / "pyvenv.cfg"
    lines = configuration.read_text().splitlines()[1:]
    configuration.write_text("\n".join([f"home = {interpreter.resolve().parent}", *lines]) + "\n")
    for link in (folder / "bin").glob("python*"):
        if link.is_symlink():
            link.unlink()
            link.symlink_to(interpreter.resolve())


def _relocate(script: Path) -> None:
    """Let a script run by the environment's own Python, wherever it lies.

    The new text replaces the file: uv may share its bytes with its cache.
    """
    with script.open("rb") as file:
        first = file.readline(1024)
        if not (first.startswith(b"#!") and b"python" in first):
            return
        text = RELOCATABLE + file.read()
    script.unlink()
    script.write_bytes(text)
    script.chmod(0o755)


def _forget(site: Path) -> None:
    """Take out what tells of the machine that installed the packages."""
    (site / ".lock").unlink(missing_ok=True)
    for information in site.glob("*.dist-info"):
        for name in OF_THIS_MACHINE:
            (information / name).unlink(missing_ok=True)
        record = information / "RECORD"
        if record.is_file():
            lines = record.read_text().splitlines(keepends=True)
            kept = [line for line in lines if not _of_this_machine(line)]
            record.unlink()
            record.write_text("".join(kept))


def _of_this_machine(line: str) -> bool:
    path = line.split(",", 1)[0]
    return path.startswith(("bin/", "../")) or path.rsplit("/", 1)[-1] in OF_THIS_MACHINE
