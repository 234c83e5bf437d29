"""What a build left, made fit to be read by the controller, which may be root."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

from autodeploy.compiler.sandbox import SYSTEM
from autodeploy.compiler.talk import printable
from autodeploy.errors import BuildError

DEEPEST = 200


def take_back(folder: Path, warn: Callable[[str], None]) -> None:
    """Leave only folders, files and links that stay in `folder`, all to be read and removed.

    Args:
        folder: Where build commands wrote; its own name is the controller's.
        warn: Told of each thing that was removed.

    Raises:
        BuildError: Folders are nested too deeply.
    """
    top = folder.resolve()
    waiting = [(top, 0)]
    while waiting:
        path, depth = waiting.pop()
        if depth > DEEPEST:
            raise BuildError(
                f"the build left folders nested more than {DEEPEST} deep",
                cause=str(path.relative_to(top))[:200],
                step="build",
                remediation="Remove what makes them from the build.",
            )
        _own(path)
        with os.scandir(path) as entries:
            for entry in list(entries):
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((Path(entry.path), depth + 1))
                elif not _kept(entry, top):
                    left = Path(entry.path)
                    left.unlink()
                    name = printable(left.relative_to(top))
                    warn(f"left out {name}: it is no file, or leads out of the tree")


def _own(folder: Path) -> None:
    """From here on only the controller puts names into the folder, or takes them out."""
    if os.geteuid() == 0:
        os.chown(folder, 0, 0, follow_symlinks=False)
    folder.chmod(0o755)


def _kept(entry: os.DirEntry[str], top: Path) -> bool:
    if entry.is_symlink():
        return Path(os.path.realpath(entry.path)).is_relative_to(top)
    status = entry.stat(follow_symlinks=False)
    if stat.S_ISREG(status.st_mode) and not status.st_mode & 0o400:
        Path(entry.path).chmod(stat.S_IMODE(status.st_mode) | 0o400)
    return stat.S_ISREG(status.st_mode)


def remove(folder: Path) -> None:
    """Remove a folder, however deep and of whatever modes: builds leave what they like."""
    commands = [["rm", "-rf"]] if os.geteuid() == 0 else [["chmod", "-R", "u+rwX"], ["rm", "-rf"]]
    for command in commands:
        subprocess.run([*command, "--", str(folder)], env=SYSTEM, capture_output=True, check=False)
