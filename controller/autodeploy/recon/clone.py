"""From an address to a checkout.

The cache folder holds `mirror.git` and `checkouts/COMMIT`. A checkout is written under another name
and renamed when it is whole, so that nothing half-made is ever taken for one.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from autodeploy.contracts import Source
from autodeploy.errors import EmptyRepository, ReconError, RefNotFound, SourceRefused
from autodeploy.paths import private_folder
from autodeploy.recon.address import Address, parse, slug
from autodeploy.recon.folder import copy, is_repository
from autodeploy.recon.gitcommand import Git
from autodeploy.recon.mirror import Mirror
from autodeploy.recon.talk import Talk

AS_IT_IS = "folder"
UNNAMED = "app"


def clone(
    url: str,
    *,
    ref: str | None,
    path: str | None = None,
    folder: Path,
    log: Talk,
    timeout: int = 120,
) -> Source:
    """Bring the repository's files to this machine.

    Args:
        url: An address that `validate` accepts.
        ref: Branch, tag or commit; None for the default branch.
        path: The folder inside the repository that holds the application; None for its root.
        folder: The cache of this application: mirror and checkout are kept in it.
        log: Hears what is worth knowing.
        timeout: Seconds for everything.

    Raises:
        SourceRefused: The address is not accepted, or there is no folder `path`.
        NotARepository, RefNotFound, NetworkUnreachable, PermissionRefused, EmptyRepository:
            What their names say.
    """
    address = parse(url)
    git = Git(address, timeout)
    with _alone(folder):
        _sweep(folder)
        if _plain(url, address):
            checkout, commit = _taken_as_it_is(address, ref, folder, git, log), None
        else:
            checkout, commit = _checked_out(address, ref, folder, git, log)
        _drop_others(checkout)
    chosen = _inside(checkout, path) if path else checkout
    return Source(
        url=address.public,
        checkout=chosen,
        commit=commit,
        name=slug(address.path) or UNNAMED,
        path="" if chosen == checkout else chosen.relative_to(checkout.resolve()).as_posix(),
        ignored=(".git",),
    )


def _plain(url: str, address: Address) -> bool:
    return "://" not in url and address.scheme == "file" and not is_repository(Path(address.path))


def _taken_as_it_is(address: Address, ref: str | None, folder: Path, git: Git, log: Talk) -> Path:
    if ref is not None:
        raise RefNotFound(
            f"{address.path} is no git repository and has no ref {ref!r}",
            step="clone",
            remediation="Leave --ref out, or name a repository's root.",
        )
    checkout = folder / "checkouts" / AS_IT_IS
    with _begun(folder) as begun:
        copy(Path(address.path), begun, git, log)
        shutil.rmtree(checkout, ignore_errors=True)
        begun.rename(checkout)
    log.info(f"{address.path} is no git repository: taken as it is")
    return checkout


def _checked_out(
    address: Address, ref: str | None, folder: Path, git: Git, log: Talk
) -> tuple[Path, str]:
    mirror, commit = _fetched(folder, ref, git)
    checkout = folder / "checkouts" / commit
    if not checkout.is_dir():
        with _begun(folder) as begun:
            mirror.check_out(commit, begun)
            if not any(begun.iterdir()):
                raise EmptyRepository(f"the commit holds no file: {address.public}", step="clone")
            begun.rename(checkout)
    log.info(f"commit {commit[:12]} of {address.public}")
    if address.scheme == "file" and ref is None:
        _warn_of_changes(mirror, commit, Path(address.path), log)
    return checkout, commit


def _fetched(folder: Path, ref: str | None, git: Git) -> tuple[Mirror, str]:
    """The mirror with the commit in it. One that git cannot work with is made anew, once."""
    place = folder / "mirror.git"
    used_before = place.exists()
    mirror = Mirror(place, git)
    try:
        return mirror, mirror.fetch(ref)
    except ReconError as error:
        if type(error) is not ReconError or not used_before:
            raise
    shutil.rmtree(place)
    return mirror, mirror.fetch(ref)


def _warn_of_changes(mirror: Mirror, commit: str, root: Path, log: Talk) -> None:
    from git import InvalidGitRepositoryError, NoSuchPathError, Repo

    try:
        index = Path(Repo(root).git_dir) / "index"
    except (InvalidGitRepositoryError, NoSuchPathError):
        return
    if not (root / ".git").exists() or not index.is_file():
        return
    try:
        changed = mirror.dirty(commit, root, index)
    except ReconError:
        return
    if changed:
        log.warning(f"{root} has changes that are not committed: {commit[:12]} goes without them")


def _inside(checkout: Path, path: str) -> Path:
    chosen = (checkout / path).resolve()
    if not chosen.is_dir() or not chosen.is_relative_to(checkout.resolve()):
        raise SourceRefused(
            f"the repository has no folder {path!r}",
            step="clone",
            remediation="Give a folder relative to the repository's root.",
        )
    return chosen


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the cache folder: a second controller waits."""
    private_folder(folder / "checkouts")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sweep(folder: Path) -> None:
    """Take away what an interrupted run left; the lock says that no one is at it."""
    for left in folder.glob("begun-*"):
        shutil.rmtree(left, ignore_errors=True)
    for left in (folder / "mirror.git").rglob("*.lock"):
        left.unlink(missing_ok=True)


@contextmanager
def _begun(folder: Path) -> Iterator[Path]:
    """A folder for a checkout that is not whole yet; gone afterwards unless renamed."""
    with TemporaryDirectory(prefix="begun-", dir=folder, ignore_cleanup_errors=True) as place:
        tree = Path(place) / "tree"
        tree.mkdir()
        yield tree


def _drop_others(checkout: Path) -> None:
    for other in checkout.parent.iterdir():
        if other != checkout:
            shutil.rmtree(other, ignore_errors=True)
