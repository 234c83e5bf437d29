"""What this machine has."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path


def reported(command: Sequence[str]) -> str | None:
    """What a program of this machine says of itself; None where there is none."""
    program = shutil.which(command[0])
    if program is None:
        return None
    environment = {"PATH": os.environ.get("PATH", os.defpath), "GOTOOLCHAIN": "local", "HOME": "/"}
    result = subprocess.run(
        [program, *command[1:]],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout.strip() or None


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version: `(1, 22, 3)` of `go1.22.3`."""
    return tuple(map(int, re.findall(r"\d+", version)[:3]))


def path(folder: Path) -> str:
    """PATH with a folder before it."""
    return f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
