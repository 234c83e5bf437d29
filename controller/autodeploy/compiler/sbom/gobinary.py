"""Go: the list of modules that the linker writes into every binary (`go version -m` shows it)."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from pathlib import Path

from packageurl import PackageURL

from autodeploy.compiler.sbom.package import Package

ELF = b"\x7fELF"
MAGIC = b"\xff Go buildinf:"
STRINGS = 32  # The offset of the strings: version, then modules; each with its length before it.
INLINE = 2  # The flag of Go 1.18 and newer: the strings stand here, not behind pointers.
SENTINEL = 16  # Bytes before and after the modules.
LONGEST = 4 * 1024 * 1024


def packages(folder: Path, files: Iterable[str]) -> Iterator[Package]:
    """The modules in the Go binaries among a folder's files."""
    for name in files:
        path = folder / name
        if path.is_symlink() or not path.is_file() or not path.stat().st_mode & 0o100:
            continue
        with path.open("rb") as file:
            if file.read(4) != ELF:
                continue
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                yield from _modules(content)


def _modules(content: mmap.mmap) -> Iterator[Package]:
    start = content.find(MAGIC)
    if start < 0 or len(content) < start + STRINGS or not content[start + 15] & INLINE:
        return
    version, end = _string(content, start + STRINGS)
    modules, _end = _string(content, end)
    told = version.decode(errors="replace").removeprefix("go").split()
    if told:
        yield Package(purl=_purl("stdlib", told[0]), licence="BSD-3-Clause")
    yield from _dependencies(modules[SENTINEL:-SENTINEL].decode(errors="replace"))


def _dependencies(text: str) -> Iterator[Package]:
    """Lines `dep PATH VERSION SUM`; a line `=> PATH VERSION SUM` replaces the one before."""
    found: list[tuple[str, str]] = []
    for line in text.splitlines():
        word, *rest = line.split("\t")
        if len(rest) < 2 or word not in {"dep", "=>"}:
            continue
        if word == "=>" and found:
            found.pop()
        found.append((rest[0], rest[1]))
    for path, version in found:
        yield Package(purl=_purl(path, version))


def _purl(path: str, version: str) -> str:
    namespace, _, name = path.rpartition("/")
    return PackageURL("golang", namespace or None, name, version).to_string()


def _string(content: mmap.mmap, start: int) -> tuple[bytes, int]:
    """A string with its length before it, as Go's varints have it, and where it ends."""
    length = shift = 0
    for place in range(start, min(start + 10, len(content))):
        length |= (content[place] & 0x7F) << shift
        shift += 7
        if not content[place] & 0x80:
            end = place + 1 + length
            return (content[place + 1 : end], end) if length <= LONGEST else (b"", start)
    return b"", start
