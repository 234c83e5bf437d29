"""A repository on this machine, read where it is: its objects are borrowed for one run."""

from __future__ import annotations

from pathlib import Path


def lent_objects(repository: Path) -> str | None:
    """Its objects, as GIT_ALTERNATE_OBJECT_DIRECTORIES wants them; None for unusual layouts.

    Nothing in the mirror refers to them: when they are gone, the next run asks for what there is.
    """
    for place in (repository / ".git", repository):
        if place.is_dir() and (place / "HEAD").is_file() and (place / "objects").is_dir():
            return _quoted(str((place / "objects").resolve()))
    return None


def _quoted(path: str) -> str:
    """Quoted, as a colon would end it."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
