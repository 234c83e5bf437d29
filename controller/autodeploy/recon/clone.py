"""From an address to a checkout.

The cache folder holds `mirror.git` and `checkouts/COMMIT`. A checkout is written under another name
and renamed when it is whole, so that nothing half-made is ever taken for one.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from autodeploy.contracts import Source
from autodeploy.errors import EmptyRepository, ReconError
from autodeploy.paths import private_folder
from autodeploy.recon.address import Address, parse, slug
from autodeploy.recon.cache import alone, begun, twice
from autodeploy.recon.disk import Disk
from autodeploy.recon.folder import copy, is_plain, no_such_folder, refuse_ref
from autodeploy.recon.git.checkout import check_out, differs
from autodeploy.recon.git.command import Git
from autodeploy.recon.git.mirror import Mirror
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
    timeout: float = 120,
) -> Source:
    """Bring the repository's files to this machine.

    Args:
        url: An address that `validate` accepts.
        ref: Branch, tag or commit; None for the default branch.
        path: The folder inside the repository that holds the application; None for its root.
        folder: The cache of this application: mirror and checkout are kept in it.
        log: Hears what is worth knowing.
        timeout: Seconds without progress after which it is given up.

    Raises:
        SourceRefused: The address is not accepted, or there is no folder `path`.
        NotARepository, RefNotFound, NetworkUnreachable, PermissionRefused, EmptyRepository:
            What their names say.
    """
    address = parse(url)
    git = Git(address, timeout, log)
    checkouts = private_folder(folder / "checkouts")
    with alone(folder):
        if is_plain(url, address):
            checkout, commit = _taken_as_it_is(address, ref, folder, git, log), None
        else:
            mirror = folder / "mirror.git"
            checkout, commit = twice(lambda: _checked_out(address, ref, folder, git, log), mirror)
        _drop_others(checkouts, checkout)
    chosen = Disk(checkout).folder(path or "")
    if chosen is None:
        raise no_such_folder(path or "")
    return Source(
        url=address.public,
        checkout=checkout / chosen,
        commit=commit,
        name=slug(address.path) or UNNAMED,
        path=chosen,
        ignored=(".git",),
    )


def _taken_as_it_is(address: Address, ref: str | None, folder: Path, git: Git, log: Talk) -> Path:
    refuse_ref(address.path, ref)
    checkout = folder / "checkouts" / AS_IT_IS
    with begun(folder) as tree:
        copy(Path(address.path), tree, git, log)
        shutil.rmtree(checkout, ignore_errors=True)
        tree.rename(checkout)
    log.info(f"{address.path} is no git repository: taken as it is")
    return checkout


def _checked_out(
    address: Address, ref: str | None, folder: Path, git: Git, log: Talk
) -> tuple[Path, str]:
    mirror = Mirror(folder / "mirror.git", git)
    commit = mirror.fetch(ref)
    checkout = folder / "checkouts" / commit
    if not checkout.is_dir():
        with begun(folder) as tree:
            check_out(mirror, commit, tree, log)
            if not any(tree.iterdir()):
                raise EmptyRepository(f"the commit holds no file: {address.public}", step="clone")
            tree.rename(checkout)
    log.info(f"commit {commit[:12]} of {address.public}")
    if address.scheme == "file" and ref is None:
        _warn_of_changes(mirror, commit, Path(address.path), log)
    return checkout, commit


def _warn_of_changes(mirror: Mirror, commit: str, root: Path, log: Talk) -> None:
    from git import InvalidGitRepositoryError, NoSuchPathError, Repo

    try:
        index = Path(Repo(root).git_dir) / "index"
    except (InvalidGitRepositoryError, NoSuchPathError):
        return
    if not (root / ".git").exists() or not index.is_file():
        return
    try:
        changed = differs(mirror, commit, root, index)
    except ReconError:
        return
    if changed:
        log.warning(f"{root} has changes that are not committed: {commit[:12]} goes without them")


def _drop_others(checkouts: Path, checkout: Path) -> None:
    for other in checkouts.iterdir():
        if other != checkout:
            shutil.rmtree(other, ignore_errors=True)
