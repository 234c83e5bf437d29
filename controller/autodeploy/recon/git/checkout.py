"""The files of a commit in a mirror, written to a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from autodeploy.recon.git.lfs import replace_pointers
from autodeploy.recon.git.mirror import Mirror
from autodeploy.recon.talk import Talk

SUBMODULE_PROTOCOLS = "https:ssh:git"


def check_out(mirror: Mirror, commit: str, target: Path, log: Talk) -> None:
    """Write the files of the commit, and of its submodules, into the empty folder `target`.

    Args:
        mirror: Has the commit.
        commit: Its hash.
        target: Where the files go.
        log: Hears of what takes long.

    Raises:
        LargeFilesMissing: A file is in Git LFS and cannot be had.
        ReconError: Something cannot be read; the class says why.
    """
    index = mirror.folder / "index"
    index.unlink(missing_ok=True)
    variables = {"GIT_WORK_TREE": str(target), "GIT_INDEX_FILE": str(index)}
    mirror.run("read-tree", "-v", "--reset", "-u", commit, variables=variables)
    replace_pointers(mirror, commit, target, variables, log)
    if (target / ".gitmodules").is_file():
        mirror.run("config", "remote.origin.url", mirror.address.public)
        mirror.run(
            *("submodule", "--quiet", "update", "--init", "--recursive", "--depth=1"),
            protocols=SUBMODULE_PROTOCOLS,
            variables=variables,
        )
        for link in target.rglob(".git"):
            link.unlink() if link.is_file() else shutil.rmtree(link)


def differs(mirror: Mirror, commit: str, folder: Path, index: Path) -> bool:
    """Whether the user's work tree `folder` differs from the commit.

    The index is the user's and only read; the configuration is ours, so that no filter or
    monitor of the repository runs.
    """
    mirror.run("update-ref", "--no-deref", "HEAD", commit)
    variables = {"GIT_WORK_TREE": str(folder), "GIT_INDEX_FILE": str(index)}
    status = ("status", "--porcelain", "--ignore-submodules=all")
    return bool(mirror.run(*status, variables=variables).strip())
