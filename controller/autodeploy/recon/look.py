"""From an address to a stack, without a checkout: only what detection reads is transferred."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from autodeploy.contracts import TechStack
from autodeploy.errors import EmptyRepository
from autodeploy.recon.address import Address, parse
from autodeploy.recon.cache import alone, twice
from autodeploy.recon.detect import stack_of
from autodeploy.recon.disk import Disk
from autodeploy.recon.folder import is_plain, kept_names, no_such_folder, refuse_ref
from autodeploy.recon.git.command import Git
from autodeploy.recon.git.commit import Commit
from autodeploy.recon.git.mirror import Mirror
from autodeploy.recon.git.objects import NoSingleObjects, Objects
from autodeploy.recon.talk import Talk
from autodeploy.recon.tree import Tree

ROUNDS = 20


@dataclass(frozen=True)
class Look:
    """What a look at a repository found.

    Attributes:
        url: Its address, without credentials.
        commit: The commit, 40 hexadecimal digits; None for a folder that is no repository.
        stack: What it is made of.
    """

    url: str
    commit: str | None
    stack: TechStack


def look(
    url: str,
    *,
    ref: str | None,
    path: str | None = None,
    folder: Path,
    log: Talk,
    timeout: float = 120,
) -> Look:
    """Find out what a repository is made of, as `clone` and `detect` would.

    Args:
        url: An address that `validate` accepts.
        ref: Branch, tag or commit; None for the default branch.
        path: The folder inside the repository that holds the application; None for its root.
        folder: A cache; what is fetched is kept in it.
        log: Hears what is worth knowing.
        timeout: Seconds without progress after which it is given up.

    Raises:
        SourceRefused: The address is not accepted, or there is no folder `path`.
        NotARepository, RefNotFound, NetworkUnreachable, PermissionRefused, EmptyRepository:
            What their names say.
    """
    address = parse(url)
    git = Git(address, timeout, log)
    if is_plain(url, address):
        return Look(address.public, None, _in_place(address, ref, path, git, log))
    mirror = folder / "look.git"
    with alone(folder):
        commit, stack = twice(lambda: _in_a_mirror(mirror, ref, path, git, log), mirror)
    log.info(f"commit {commit[:12]} of {address.public}")
    return Look(address.public, commit, stack)


def _in_place(
    address: Address, ref: str | None, path: str | None, git: Git, log: Talk
) -> TechStack:
    refuse_ref(address.path, ref)
    root = Path(address.path)
    store = Disk(root, only=kept_names(root, git, log))
    place = store.folder(path or "")
    if place is None:
        raise no_such_folder(path or "")
    log.info(f"{address.path} is no git repository: taken as it is")
    return stack_of(Tree(store, place))


def _in_a_mirror(
    place: Path, ref: str | None, path: str | None, git: Git, log: Talk
) -> tuple[str, TechStack]:
    mirror = Mirror(place, git, without_contents=True)
    try:
        return _in_rounds(mirror, mirror.fetch(ref), path, log)
    except NoSingleObjects:
        shutil.rmtree(place)
    mirror = Mirror(place, git)
    return _in_rounds(mirror, mirror.fetch(ref), path, log)


def _in_rounds(mirror: Mirror, name: str, path: str | None, log: Talk) -> tuple[str, TechStack]:
    """Detect, bring what was wanted, detect again, until nothing is."""
    objects = Objects(mirror, name)
    commit = Commit(objects.listing(), objects)
    if commit.empty:
        raise EmptyRepository("the commit holds no file", step="clone")
    for _ in range(ROUNDS):
        place = commit.folder(path or "")
        stack = stack_of(Tree(commit, place or ""))
        if commit.fill():
            continue
        if place is None:
            raise no_such_folder(path or "")
        _tell_of_submodules(commit, log)
        return name, stack
    log.warning("too many files name each other: some were not read")
    return name, stack


def _tell_of_submodules(commit: Commit, log: Talk) -> None:
    if commit.submodules:
        log.info(f"submodules are not looked into: {', '.join(commit.submodules[:5])}")
