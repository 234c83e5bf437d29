"""Debian's base images: built once with mmdebstrap, then shared by all hosts as a lower layer."""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from autodeploy.errors import LabBroken
from autodeploy.lab import machine
from autodeploy.lab.run import run
from autodeploy.paths import private_folder

log = logging.getLogger(__name__)
BUILD_SECONDS = 600

PACKAGES = (
    *("ca-certificates", "curl", "dbus", "iproute2", "iptables", "netbase", "nftables"),
    *("openssh-server", "procps", "python3", "python3-apt", "sudo", "systemd", "systemd-sysv"),
    *("tzdata", "ufw"),
)

# What Debian's own cloud image is set up like, except dpkg's fsyncs: no host outlives the lab.
SETUP = (
    'chroot "$1" useradd --create-home --shell /bin/bash admin',
    'echo "admin ALL=(ALL) NOPASSWD:ALL" > "$1/etc/sudoers.d/90-cloud-init-users"',
    'chmod 0440 "$1/etc/sudoers.d/90-cloud-init-users"',
    'printf "PasswordAuthentication no\\nPermitRootLogin no\\n"'
    ' > "$1/etc/ssh/sshd_config.d/50-cloud-init.conf"',
    'echo force-unsafe-io > "$1/etc/dpkg/dpkg.cfg.d/lab"',
    'rm -f "$1"/etc/ssh/ssh_host_* "$1/etc/apt/sources.list" "$1/etc/hostname"',
    'chroot "$1" systemctl enable systemd-networkd ssh',
    ': > "$1/etc/machine-id"',
)


@dataclass(frozen=True)
class Image:
    """One of Debian's images.

    Attributes:
        ami: Its stable identifier in the lab's API.
        release: Debian's version.
        suite: Debian's name of it.
        packages: What somebody has installed in it, as whoever bakes images of their own does.
    """

    ami: str
    release: int
    suite: str
    packages: tuple[str, ...] = ()


IMAGES = (
    Image("ami-0deb1200000000012", 12, "bookworm"),
    Image("ami-0deb1300000000013", 13, "trixie"),
)
DEFAULT = IMAGES[0]


def newest() -> tuple[Image, ...]:
    """What a release's name stands for: with what AUTODEPLOY_LAB_PACKAGES names, where it does.

    A host's first deployment spends a third of its time on them: tests of anything else need not.
    """
    packages = tuple(os.environ.get("AUTODEPLOY_LAB_PACKAGES", "").split())
    if not packages:
        return IMAGES
    return tuple(
        replace(one, ami=f"ami-0bac{one.ami.removeprefix('ami-0deb')}", packages=packages)
        for one in IMAGES
    )


def by_ami(ami: str) -> Image | None:
    """The image that an AMI stands for; None where the AMI is not one of ours."""
    return next((image for image in {*IMAGES, *newest()} if image.ami == ami), None)


def ensure(image: Image, cache: Path) -> Path:
    """The image's root file system, built first where the cache has none.

    Raises:
        LabBroken: It could not be built.
    """
    root = cache / f"{image.suite}-{_recipe(image)}"
    if root.is_dir():
        return root
    with _alone(private_folder(cache) / f"{image.suite}.lock"):
        if not root.is_dir():
            _build(image, root)
    return root


def _recipe(image: Image) -> str:
    said = json.dumps([image.suite, PACKAGES, SETUP])
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def _build(image: Image, root: Path) -> None:
    started = time.monotonic()
    log.info("building the image of Debian %s (once a machine, a few minutes)", image.release)
    for left in root.parent.glob(f"{image.suite}.building-*"):
        shutil.rmtree(left, ignore_errors=True)
    building = Path(tempfile.mkdtemp(prefix=f"{image.suite}.building-", dir=root.parent))
    try:
        _bootstrap(image, building / "root")
        (building / "root").rename(root)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    log.info("built the image of Debian %s in %.0f s", image.release, time.monotonic() - started)


def _bootstrap(image: Image, root: Path) -> None:
    sources = machine.apt_sources(image.suite)
    try:
        run(
            "mmdebstrap",
            "--quiet",
            "--variant=minbase",
            f"--include={','.join(PACKAGES)}",
            *(f"--aptopt={option}" for option in machine.apt_options()),
            *(f"--customize-hook={step}" for step in SETUP),
            image.suite,
            str(root),
            "-",
            given=sources,
            timeout=BUILD_SECONDS,
        )
    except LabBroken as error:
        raise LabBroken(
            f"the image of Debian {image.release} could not be built",
            cause=error.cause,
            remediation="Check that this machine reaches its Debian mirror: `apt-get update`.",
        ) from error


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
