"""Who an application's builds are, and where they keep the packages that they fetched.

Each application has a user id of its own, kept by the owner of its folder of downloads: what one
application's builds leave there is read by no other's.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from autodeploy.errors import BuildError
from autodeploy.flock import locked
from autodeploy.paths import private_folder

# systemd leaves these to nobody.
UIDS = range(60578, 61184)


@dataclass(frozen=True)
class Tenant:
    """An application as the Compiler knows it.

    Attributes:
        downloads: Its folder.
        uid: Its user and group; None where the controller is not root.
    """

    downloads: Path
    uid: int | None = None


def tenant(cache: Path, application: str) -> Tenant:
    """The application's folder and user; both are chosen at its first build.

    Raises:
        BuildError: All user ids are taken.
    """
    every = private_folder(cache / "downloads")
    folder = every / application
    if os.geteuid() != 0:
        return Tenant(private_folder(folder))
    with locked(every / ".lock"):
        if folder.exists() and folder.stat().st_uid in UIDS:
            os.utime(folder)  # So that pruning knows that it is used.
            return Tenant(folder, folder.stat().st_uid)
        shutil.rmtree(folder, ignore_errors=True)
        uid = _free(every)
        new = every / f".{application}"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(0o700)
        os.chown(new, uid, uid)
        new.rename(folder)
        return Tenant(folder, uid)


def _free(every: Path) -> int:
    taken = {folder.stat().st_uid for folder in every.iterdir()}
    for uid in UIDS:
        if uid not in taken:
            return uid
    raise BuildError(
        f"more than {len(UIDS)} applications were built here",
        step="sandbox",
        remediation="Run `autodeploy cache prune`: it frees what was not built for 30 days.",
    )
