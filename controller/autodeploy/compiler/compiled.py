"""Compiled files: what they ask of the host that they run on."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

from autodeploy.contracts import Image

SYSTEM = re.compile(r"(ld-linux[\w-]*|lib(c|m|pthread|dl|rt|util|gcc_s|stdc\+\+))\.so(\.\d+)*")
GLIBC = re.compile(r"GLIBC_(\d+)\.(\d+)")
MACHINES = {"EM_X86_64": "amd64", "EM_AARCH64": "arm64"}
# Where packages keep files for all platforms, of which each host loads its own.
FOR_ALL = "prebuilds"
MADE_HERE = "/build/Release/"


@dataclass(frozen=True)
class Compiled:
    """An ELF file.

    Attributes:
        machine: amd64, arm64; None for any other.
        libraries: The names of the libraries that it links to.
        glibc: The oldest GNU C library that it runs with.
    """

    machine: str | None
    libraries: tuple[str, ...]
    glibc: tuple[int, int]

    @property
    def foreign(self) -> tuple[str, ...]:
        """The libraries that not every host has."""
        return tuple(one for one in self.libraries if not SYSTEM.fullmatch(one))


def read(path: Path) -> Compiled | None:
    """What a file asks for; None where it is no ELF file."""
    try:
        with path.open("rb") as file:
            elf = ELFFile(file)
            return Compiled(
                machine=MACHINES.get(elf.header["e_machine"]),
                libraries=tuple(_libraries(elf)),
                glibc=max(_versions(elf), default=(2, 0)),
            )
    except (ELFError, OSError):
        return None


def unfit(folder: Path, image: Image, arch: str) -> Iterator[tuple[Path, str]]:
    """Node's compiled modules below a folder that a host cannot load, and why."""
    found = list(_modules(folder))
    names = {path.name for path in found}
    for path in found:
        if FOR_ALL in path.parts or path.suffix != ".node":
            continue
        one = read(path)
        if one is None or one.machine != arch:
            yield path, "is for another machine"
        elif MADE_HERE in str(path):
            foreign = sorted(set(one.foreign) - names)
            if foreign:
                yield path, f"links to {', '.join(foreign)}"
            elif one.glibc > image.glibc:
                yield path, "is for a newer C library"


def _modules(folder: Path) -> Iterator[Path]:
    for place, _folders, files in os.walk(folder):
        for name in files:
            if name.endswith(".node") or ".so" in name:
                yield Path(place, name)


def _libraries(elf: ELFFile) -> Iterator[str]:
    section = elf.get_section_by_name(".dynamic")
    if isinstance(section, DynamicSection):
        for tag in section.iter_tags("DT_NEEDED"):
            yield str(tag.needed)  # type: ignore[attr-defined]


def _versions(elf: ELFFile) -> Iterator[tuple[int, int]]:
    section = elf.get_section_by_name(".gnu.version_r")
    if isinstance(section, GNUVerNeedSection):
        for _library, versions in section.iter_versions():
            for version in versions:
                if found := GLIBC.fullmatch(version.name):
                    yield int(found[1]), int(found[2])
