"""Git LFS: pointer files in a checkout become what they point to.

Only git-lfs itself runs, on the mirror, with the repository's own server: `.lfsconfig` names none.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from autodeploy.errors import LargeFilesMissing, ReconError
from autodeploy.recon.address import Address
from autodeploy.recon.git.mirror import Mirror
from autodeploy.recon.talk import Talk

POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\noid sha256:([0-9a-f]{64})\nsize \d+\n"
)
LONGEST_POINTER = 200
CONFIG = {
    "lfs.activityTimeout": "30",
    "lfs.dialTimeout": "15",
    "lfs.fetchExclude": "",
    "lfs.fetchInclude": "",
    "lfs.transfer.maxRetries": "2",
}
SHOW_PROGRESS = {"GIT_LFS_FORCE_PROGRESS": "1"}
SHOWN = 5


def replace_pointers(
    mirror: Mirror, commit: str, target: Path, variables: Mapping[str, str], log: Talk
) -> None:
    """Fetch what pointer files in the checkout `target` stand for, and put it in their place.

    Args:
        mirror: Has the commit; keeps its large files for the next run.
        commit: What is checked out.
        target: The checkout.
        variables: Git's, for the checkout and its index.
        log: Hears that there are such files.

    Raises:
        LargeFilesMissing: There are pointers, and git-lfs is missing or did not get the files.
    """
    pointers = _pointers(mirror, target, variables)
    if not pointers:
        return
    log.info(f"fetching {len(pointers)} files from Git LFS")
    cause = _fetch(mirror, commit, pointers)
    objects = mirror.folder / "lfs/objects"
    missing = []
    for path, name in pointers.items():
        content = objects / name[:2] / name[2:4] / name
        if content.is_file():
            shutil.copyfile(content, path)
        else:
            missing.append(path.relative_to(target).as_posix())
    if missing:
        raise _missing(missing, cause)
    _drop_others(objects, frozenset(pointers.values()))


def _pointers(mirror: Mirror, target: Path, variables: Mapping[str, str]) -> dict[Path, str]:
    """The object of each file that the repository gives to LFS and that is a pointer."""
    listed = mirror.run("ls-files", "-z", ":(top,attr:filter=lfs)", variables=variables)
    found = {}
    for name in filter(None, listed.split(b"\0")):
        path = target / name.decode(errors="surrogateescape")
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LONGEST_POINTER:
            continue
        if pointer := POINTER.fullmatch(path.read_bytes()):
            found[path] = pointer[1].decode()
    return found


def _fetch(mirror: Mirror, commit: str, pointers: Mapping[Path, str]) -> str | None:
    """Let git-lfs fetch; why it could not, as far as it says."""
    if not shutil.which("git-lfs"):
        raise LargeFilesMissing(
            f"{len(pointers)} files of the repository are in Git LFS, and git-lfs is missing here",
            step="clone",
            remediation="Install git-lfs on this machine (Debian: apt-get install git-lfs).",
        )
    config = {**CONFIG, "lfs.url": _server(mirror.address)}
    try:
        mirror.remote("lfs", "fetch", "origin", commit, config=config, variables=SHOW_PROGRESS)
    except ReconError as error:
        return error.cause or error.message
    return None


def _server(address: Address) -> str:
    """Where the repository's own host has its large files, as git-lfs would find out by itself."""
    if address.scheme == "file":
        return f"file://{address.path}"
    if address.scheme == "ssh":
        return address.public
    host = urlsplit(address.public).netloc
    if address.scheme == "git":
        host = host.partition(":")[0]
    path = urlsplit(address.public).path.rstrip("/").removesuffix(".git")
    return f"https://{host}{path}.git/info/lfs"


def _missing(names: list[str], cause: str | None) -> LargeFilesMissing:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return LargeFilesMissing(
        f"files in Git LFS did not arrive: {', '.join(names[:SHOWN])}{more}",
        cause=cause,
        step="clone",
    )


def _drop_others(objects: Path, used: frozenset[str]) -> None:
    for one in objects.rglob("*"):
        if one.is_file() and one.name not in used:
            one.unlink()
