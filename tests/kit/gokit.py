"""Go's standard library, compiled once a session: each application's builds share nothing, and it
takes half a minute of CPU each."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from autodeploy.compiler.tenant import tenant
from autodeploy.paths import home

KEPT = "TESTS_GO_BUILD"
"""The environment variable that tells all of a session's workers where it is."""


@contextmanager
def compiled(folder: Path) -> Iterator[None]:
    """The application in `folder`, which is called as that, begins with what the first one made."""
    if not (folder / "go.mod").exists():
        yield
        return
    builds = tenant(home() / "cache", folder.name)
    own, first = builds.downloads / "go-build", Path(os.environ[KEPT], "go-build")
    if first.exists() and not own.exists():
        _copy(first, own)
        subprocess.run(["chown", "-R", f"{builds.uid}:{builds.uid}", own], check=True)
    yield
    if own.exists() and not first.exists():
        _copy(own, first)


def _copy(one: Path, other: Path) -> None:
    """Copy a folder, of which another worker sees all or nothing; the first of two stays."""
    half = Path(tempfile.mkdtemp(dir=other.parent))
    subprocess.run(["cp", "-a", one, half], check=True)
    with suppress(OSError):
        (half / one.name).rename(other)
    shutil.rmtree(half)
