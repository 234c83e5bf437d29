"""A local folder that is no git repository: taken as it is."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from autodeploy.errors import (
    EmptyRepository,
    PermissionRefused,
    ReconError,
    RefNotFound,
    SourceRefused,
)
from autodeploy.recon.address import Address
from autodeploy.recon.git.command import Git
from autodeploy.recon.talk import Talk

NEVER = ("/.git", "node_modules/", ".venv/", "venv/", "__pycache__/", "*.pyc", ".DS_Store")


def is_repository(folder: Path) -> bool:
    """Whether git would take the folder itself for a repository's root."""
    bare = all((folder / name).exists() for name in ("HEAD", "objects", "refs"))
    return (folder / ".git").exists() or bare


def is_plain(url: str, address: Address) -> bool:
    """Whether the address is a folder's name, and the folder no repository."""
    return "://" not in url and address.scheme == "file" and not is_repository(Path(address.path))


def refuse_ref(folder: str, ref: str | None) -> None:
    """A plain folder has no refs.

    Raises:
        RefNotFound: One was asked for.
    """
    if ref is not None:
        raise RefNotFound(
            f"{folder} is no git repository and has no ref {ref!r}",
            step="clone",
            remediation="Leave --ref out, or name a repository's root.",
        )


def no_such_folder(path: str) -> SourceRefused:
    """The refusal of `--path`."""
    return SourceRefused(
        f"the repository has no folder {path!r}",
        step="clone",
        remediation="Give a folder relative to the repository's root.",
    )


def kept_names(folder: Path, git: Git, log: Talk) -> list[str]:
    """The files that .gitignore does not name, relative to the folder.

    Raises:
        EmptyRepository: There are none.
    """
    names = _listed(folder, git)
    for nested in (name for name in names if name.endswith("/")):
        log.warning(f"{nested} is a repository of its own and is left out")
    files = [name for name in names if not name.endswith("/")]
    if not files:
        raise EmptyRepository(f"the folder holds no file: {folder}", step="clone")
    return files


def copy(folder: Path, target: Path, git: Git, log: Talk) -> None:
    """Copy what .gitignore does not name into the folder `target`. Links are copied as links.

    Raises:
        EmptyRepository: There is nothing to copy.
        PermissionRefused: A file may not be read.
    """
    for name in kept_names(folder, git, log):
        _copy_one(folder / name, target / name)


def _listed(folder: Path, git: Git) -> list[str]:
    """Git's own reading of .gitignore, asked of an empty repository with this work tree."""
    with TemporaryDirectory() as empty:
        git.run("init", "--quiet", "--bare", "--template=", empty)
        excluded = [f"--exclude={pattern}" for pattern in NEVER]
        listed = git.run(
            *("ls-files", "-z", "--others", "--exclude-per-directory=.gitignore", *excluded),
            variables={"GIT_DIR": empty, "GIT_WORK_TREE": str(folder)},
        )
    return [name.decode(errors="surrogateescape") for name in listed.split(b"\0") if name]


def _copy_one(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copy2(source, target, follow_symlinks=False)
    except PermissionError as error:
        raise PermissionRefused(
            f"a file of the folder may not be read: {source}",
            cause=error.strerror,
            step="clone",
            remediation="Make it readable, or name it in .gitignore.",
        ) from error
    except OSError as error:
        raise ReconError(f"cannot copy {source}", cause=str(error), step="clone") from error
