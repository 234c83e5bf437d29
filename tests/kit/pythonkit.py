"""A mirror of portable Python builds, made of an interpreter of this machine."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
from pathlib import Path

ABOUT = """import sys, sysconfig
print(*sys.version_info[:3], sysconfig.get_path('stdlib'), sys.base_prefix)
"""
LEFT_OUT = {"__pycache__", "config", "idlelib", "site-packages", "dist-packages", "test", "tkinter"}


def make_mirror(folder: Path, interpreter: str, sha256: str | None = None) -> tuple[str, str]:
    """A table of one build in the layout of python-build-standalone's `install_only`.

    Args:
        folder: Where it goes; made.
        interpreter: The Python to pack.
        sha256: The checksum that the table says; None means the true one.

    Returns:
        The version, and the value for UV_PYTHON_DOWNLOADS_JSON_URL.
    """
    said = subprocess.check_output([interpreter, "-I", "-c", ABOUT], text=True).split()
    *numbers, library, prefix = said
    version, line = ".".join(numbers), ".".join(numbers[:2])
    folder.mkdir(parents=True)
    archive = folder / f"cpython-{version}-x86_64-unknown-linux-gnu-install_only.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        tar.add(Path(prefix, "bin", f"python{line}").resolve(), f"python/bin/python{line}")
        link = tarfile.TarInfo("python/bin/python3")
        link.type, link.linkname = tarfile.SYMTYPE, f"python{line}"
        tar.addfile(link)
        tar.add(library, f"python/lib/python{line}", filter=_kept)
        for file in Path(library).glob("_sysconfigdata*.py"):
            _add_configuration(tar, file, f"python/lib/python{line}/{file.name}", prefix)
    digest = sha256 or hashlib.sha256(archive.read_bytes()).hexdigest()
    table = {f"cpython-{version}-linux-x86_64-gnu": _entry(numbers, archive, digest)}
    (folder / "downloads.json").write_text(json.dumps(table))
    return version, str(folder / "downloads.json")


def _kept(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    name = Path(member.name).name
    aside = name in LEFT_OUT or name.startswith(("config-", "_sysconfigdata"))
    return None if aside else member


def _add_configuration(tar: tarfile.TarFile, file: Path, name: str, prefix: str) -> None:
    """With the prefix that portable builds are made for, which uv replaces."""
    text = file.read_bytes().replace(prefix.encode(), b"/install")
    member = tarfile.TarInfo(name)
    member.size = len(text)
    tar.addfile(member, io.BytesIO(text))


def _entry(numbers: list[str], archive: Path, digest: str) -> dict[str, object]:
    major, minor, patch = map(int, numbers)
    return {
        "name": "cpython",
        "arch": {"family": "x86_64", "variant": None},
        "os": "linux",
        "libc": "gnu",
        "major": major,
        "minor": minor,
        "patch": patch,
        "prerelease": "",
        "url": archive.as_uri(),
        "sha256": digest,
        "variant": None,
        "build": "20260101",
    }
