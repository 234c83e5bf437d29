"""What of this machine's programs a build is shown, beside the system's own folders.

Interpreters and tools may lie in a home (pyenv, nvm, pipx) or in /opt. Of each that PATH names,
the tree that it belongs to is shown, for reading; a home itself never is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

SYSTEM = tuple(map(Path, ("/usr", "/etc", "/bin", "/sbin", "/lib", "/lib64", "/proc", "/dev")))
PROGRAMS = frozenset({"bin", "sbin", "shims", "scripts"})
LINKS = 10


def trees(more: Iterable[Path], private: Path) -> list[Path]:
    """The folders and files to show, outermost first.

    Args:
        more: Programs, and files or folders that variables name, beside those of PATH.
        private: A folder of ours; nothing that holds it is shown.
    """
    asked = {*_of_the_machine(os.environ.get("PATH", os.defpath)), *map(_belonging, more)}
    found: list[Path] = []
    for path in sorted(asked):
        inside = _inside(path, (*SYSTEM, *found))
        if path.exists() and not inside and not private.is_relative_to(path):
            found.append(path)
    return found


@cache
def _of_the_machine(path: str) -> frozenset[Path]:
    ours = Path(sys.executable)
    found = {Path(sys.prefix), Path(sys.base_prefix), *_chain(ours)}
    for folder in map(Path, path.split(os.pathsep)):
        if folder.is_absolute() and folder.is_dir():
            found.add(_tree(folder))
            found.update(tree for program in folder.iterdir() for tree in _chain(program))
    return frozenset(path for path in found if not _inside(path, SYSTEM))


def _inside(path: Path, folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _chain(program: Path) -> Iterator[Path]:
    """The trees of all links from a program to its file."""
    for _ in range(LINKS):
        if not program.is_symlink():
            return
        program = Path(os.path.normpath(program.parent / program.readlink()))
        yield _belonging(program)
        yield _belonging(program.resolve())


def _belonging(path: Path) -> Path:
    return _tree(path.parent) if path.parent.name in PROGRAMS else path


def _tree(folder: Path) -> Path:
    """The tree of a folder of programs: the folder above it, unless that holds other things."""
    above = folder.parent
    shared = above.name == ".local" or above.parent in {Path("/"), Path("/home")}
    if folder.name not in PROGRAMS or shared or Path.home().is_relative_to(above):
        return folder
    return above
