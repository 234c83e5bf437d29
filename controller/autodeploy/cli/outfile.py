"""Files that a user has asked for by their path."""

from __future__ import annotations

from pathlib import Path

from autodeploy import privatefile
from autodeploy.errors import UsageError


def write(path: Path, text: str) -> None:
    """Write one for its user alone (mode 0600), whole or not at all.

    Raises:
        UsageError: It cannot be written.
    """
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} is there already, and no file")  # as root, /dev/null would go
    try:
        privatefile.write(path, text.encode())
    except OSError as error:
        raise UsageError(f"{path} cannot be written", cause=error.strerror) from error
