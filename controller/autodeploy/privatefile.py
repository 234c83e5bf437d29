"""The one door by which files are written that are nobody else's to read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

UNFINISHED = ".partial"


def write(path: Path, data: bytes) -> None:
    """Write a file of mode 0600, which is there whole, and on disk, or as it was before.

    Several may do so at once: the last one's stays. Where a link stands, the file takes its place;
    what the link leads to is never written.

    Raises:
        OSError: It cannot be written; nothing is left of it.
    """
    descriptor, name = tempfile.mkstemp(UNFINISHED, f".{path.name}.", path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def unfinished(path: Path) -> Iterator[Path]:
    """What killed processes have left of a file that they wrote; its name may be a pattern."""
    return path.parent.glob(f".{path.name}.*{UNFINISHED}")
