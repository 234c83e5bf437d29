"""What the lab needs of this machine: the table that `doctor` prints and `up` demands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autodeploy.errors import LabUnsupported, StateError
from autodeploy.lab import kernel
from autodeploy.lab.site import Site
from autodeploy.origin import extra
from autodeploy.paths import private_folder

FREE_BYTES = 3 * 1024**3
MACHINE_ID = Path("/etc/machine-id")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


@dataclass(frozen=True)
class Requirement:
    """One thing that must be there.

    Attributes:
        name: What it is.
        probe: Why it is not there; None where it is.
        remedy: How to get it.
        without: What works although it is missing.
        package: Debian's package of it; None where it is no package.
    """

    name: str
    probe: Callable[[Site], str | None]
    remedy: str
    without: str = "`analyze`, `plan`, and `deploy --target aws`"
    package: str | None = None


def _package(
    name: str, probe: Callable[[Site], str | None], package: str, **said: str
) -> Requirement:
    return Requirement(name, probe, f"apt-get install {package}", package=package, **said)


def _program(name: str, package: str, **said: str) -> Requirement:
    return _package(name, lambda _: _not_found(name), package, **said)


def _not_found(program: str) -> str | None:
    """Looks beside the interpreter first: tools of our own environment are there."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return None if shutil.which(program, path=path) else "it is not installed"


def _python(_: Site) -> str | None:
    version = ".".join(map(str, sys.version_info[:2]))
    return None if sys.version_info >= (3, 11) else f"this is {version}"


def _keyring(_: Site) -> str | None:
    return None if KEYRING.exists() else "it is not installed"


def _machine_id(_: Site) -> str | None:
    """systemd-nspawn reckons the addresses of hosts' network cards with it."""
    try:
        found = MACHINE_ID.read_text().strip()
    except OSError:
        found = ""
    return None if re.fullmatch("[0-9a-f]{32}", found) else f"{MACHINE_ID} has none"


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
    except (OSError, StateError) as error:
        return str(error)


def _kernel(_: Site) -> str | None:
    """A container often has it read-only, also for its root."""
    refused = [name for name in kernel.WANTED if not os.access(kernel.SYSTEM / name, os.W_OK)]
    return f"{kernel.SYSTEM / refused[0]} cannot be written" if refused else None


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
    try:
        with tempfile.TemporaryDirectory(dir=private_folder(site.folder)) as made:
            return _mount_overlay(Path(made))
    except (OSError, StateError) as error:
        return str(error)


def _mount_overlay(folder: Path) -> str | None:
    lower, upper, work, root = (folder / name for name in ("lower", "upper", "work", "root"))
    for one in (lower, upper, work, root):
        one.mkdir()
    options = f"lowerdir={lower},upperdir={upper},workdir={work}"
    command = ["mount", "-t", "overlay", "-o", options, "autodeploy-probe", str(root)]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    if tried.returncode:
        return tried.stderr.strip()
    subprocess.run(["umount", str(root)], check=True)
    return None


NO_DEPLOY = "`status`, `analyze` and `plan`"
STATE = Requirement(
    "state folder", _writable, "set AUTODEPLOY_HOME to a folder you can write", "`analyze`"
)
TOOL = (
    STATE,
    Requirement("python 3.11", _python, "install Python 3.11 or later", "nothing"),
    _program("git", "git", without="`status`, and all else that reads no repository"),
    _program("ssh", "openssh-client", without=NO_DEPLOY),
    Requirement(
        "ansible-playbook",
        lambda _: _not_found("ansible-playbook"),
        "install autodeploy anew: it brings Ansible",
        NO_DEPLOY,
    ),
)
LAB = (
    STATE,
    Requirement("Linux", _linux, "use a Linux machine"),
    Requirement("root", _root, "run it as root, with sudo"),
    Requirement("moto", _moto, extra("lab")),
    _program("systemd-nspawn", "systemd-container"),
    Requirement("machine id", _machine_id, "run systemd-machine-id-setup"),
    _program("mmdebstrap", "mmdebstrap"),
    _package("Debian's keyring", _keyring, "debian-archive-keyring"),
    _program("nft", "nftables"),
    _program("ip", "iproute2"),
    _program("nsenter", "util-linux"),
    _program("dnsmasq", "dnsmasq-base"),
    _program("pebble", "pebble"),
    _program("ssh-keygen", "openssh-client"),
    _program("apt-get", "apt"),
    Requirement(
        "kernel settings",
        _kernel,
        "as root: mount -o remount,rw /proc/sys; a container has to be a privileged one",
    ),
    Requirement("disk space", _space, "free 3 GiB, or set AUTODEPLOY_HOME to a larger disk"),
    Requirement("overlay", _overlay, "set AUTODEPLOY_HOME to a folder on ext4 or xfs, as root"),
)


@dataclass(frozen=True)
class Check:
    """What became of one requirement.

    Attributes:
        requirement: Which one.
        missing: Why it is not met; None where it is.
    """

    requirement: Requirement
    missing: str | None


def check(site: Site) -> list[Check]:
    """Every requirement, first the tool's, then the lab's."""
    return [Check(one, one.probe(site)) for one in dict.fromkeys(TOOL + LAB)]


def demand(site: Site) -> None:
    """Nothing where this machine can run the lab.

    Raises:
        LabUnsupported: It cannot; says all that is missing and how to get it.
    """
    missing = [one for one in check(site) if one.missing and one.requirement in LAB]
    if not missing:
        return
    packages = sorted({one.requirement.package for one in missing if one.requirement.package})
    steps = [one.requirement.remedy for one in missing if not one.requirement.package]
    if packages:
        steps.append(f"apt-get install {' '.join(packages)}")
    raise LabUnsupported(
        "this machine cannot run the lab",
        cause="; ".join(f"{one.requirement.name}: {one.missing}" for one in missing),
        remediation=f"{'; '.join(steps)}. Without the lab: {missing[0].requirement.without}.",
    )


def demand_root() -> None:
    """Nothing where the user is root.

    Raises:
        LabUnsupported: He is not.
    """
    if os.geteuid() != 0:
        raise LabUnsupported("only root can do that", remediation="Run it with sudo.")
