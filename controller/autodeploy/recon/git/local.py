"""A repository on this machine, read where it is: its objects are borrowed for one run."""

from __future__ import annotations

from pathlib import Path

from autodeploy.errors import ReconError
from autodeploy.recon.address import parse
from autodeploy.recon.git.command import Git
from autodeploy.recon.talk import Talk


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


def origin(folder: str, log: Talk) -> str | None:
    """The address of a repository's remote `origin`, hostile; None where there is none."""
    git = Git(parse(folder), timeout=10, log=log)
    try:
        file = str(Path(folder).resolve() / ".git/config")  # git works elsewhere
        told = git.run("config", "--file", file, "--get", "remote.origin.url")
    except ReconError:
        return None
    return told.decode(errors="replace").strip() or None
