"""What the lab needs of this machine: the table that `doctor` prints and `up` demands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autodeploy.errors import LabUnsupported
from autodeploy.lab.site import Site
from autodeploy.paths import private_folder

FREE_BYTES = 3 * 1024**3
WITHOUT = "`plan`, `--target aws`"


@dataclass(frozen=True)
class Requirement:
    """One thing that must be there.

    Attributes:
        name: What it is.
        probe: Why it is not there; None where it is.
        remedy: How to get it.
        package: Debian's package of it; None where it is no package.
    """

    name: str
    probe: Callable[[Site], str | None]
    remedy: str
    package: str | None = None


def _program(name: str, package: str) -> Requirement:
    def probe(_: Site) -> str | None:
        return None if shutil.which(name) else f"{name} is not installed"

    return Requirement(name, probe, f"apt-get install {package}", package)


def _linux(_: Site) -> str | None:
    return None if sys.platform == "linux" else f"this is {sys.platform}"


def _root(_: Site) -> str | None:
    return None if os.geteuid() == 0 else "you are not root"


def _moto(_: Site) -> str | None:
    from importlib.util import find_spec

    return None if find_spec("moto") else "the extra is not installed"


def _writable(site: Site) -> str | None:
    try:
        with tempfile.TemporaryFile(dir=private_folder(site.folder)):
            return None
    except OSError as error:
        return str(error)


def _space(site: Site) -> str | None:
    folder = next(one for one in (site.folder, *site.folder.parents) if one.exists())
    free = shutil.disk_usage(folder).free
    return None if free >= FREE_BYTES else f"{free / 1024**3:.1f} GiB are free"


def _overlay(site: Site) -> str | None:
    """Mounts one where the hosts' ones will be."""
    if os.geteuid() != 0 or sys.platform != "linux":
        return "only root can try"
    if set(",:\\") & set(f"{site.folder}{site.images}"):
        return f"{site.folder} has a character that mount takes for its own"
    with tempfile.TemporaryDirectory(dir=private_folder(site.folder)) as made:
        lower, upper, work, root = (Path(made, one) for one in ("lower", "upper", "work", "root"))
        for folder in (lower, upper, work, root):
            folder.mkdir()
        options = f"lowerdir={lower},upperdir={upper},workdir={work}"
        command = ["mount", "-t", "overlay", "-o", options, "autodeploy-probe", str(root)]
        tried = subprocess.run(command, capture_output=True, text=True, check=False)
        if tried.returncode:
            return tried.stderr.strip()
        subprocess.run(["umount", str(root)], check=True)
    return None


LAB = (
    Requirement("Linux", _linux, "use a Linux machine"),
    Requirement("root", _root, "run it as root, with sudo"),
    Requirement("moto", _moto, "pip install 'autodeploy[lab]'"),
    _program("systemd-nspawn", "systemd-container"),
    _program("mmdebstrap", "mmdebstrap"),
    _program("nft", "nftables"),
    _program("ip", "iproute2"),
    _program("ssh-keygen", "openssh-client"),
    _program("apt-get", "apt"),
    Requirement("state folder", _writable, "set AUTODEPLOY_HOME to a folder you can write"),
    Requirement("disk space", _space, "free 3 GiB, or set AUTODEPLOY_HOME to a larger disk"),
    Requirement("overlay", _overlay, "set AUTODEPLOY_HOME to a folder on ext4 or xfs, as root"),
)


def demand(site: Site) -> None:
    """Nothing where this machine can run the lab.

    Raises:
        LabUnsupported: It cannot; says all that is missing and how to get it.
    """
    missing = [(one, why) for one in LAB if (why := one.probe(site))]
    if not missing:
        return
    packages = [one.package for one, _ in missing if one.package]
    steps = [one.remedy for one, _ in missing if not one.package]
    if packages:
        steps.append(f"apt-get install {' '.join(packages)}")
    raise LabUnsupported(
        "this machine cannot run the lab",
        cause="; ".join(f"{one.name}: {why}" for one, why in missing),
        remediation=f"{'; '.join(steps)}. Without the lab there are {WITHOUT}.",
    )


def demand_root() -> None:
    """Nothing where the user is root.

    Raises:
        LabUnsupported: He is not.
    """
    if os.geteuid() != 0:
        raise LabUnsupported("only root can do that", remediation="Run it with sudo.")
