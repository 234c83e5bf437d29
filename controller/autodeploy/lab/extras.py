"""Packages on top of a base image, for the hosts that AWS runs itself: a layer, made once.

The layer is the difference that installing them makes; hosts mount it between the base image and
their own difference.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from autodeploy.lab import images, machine
from autodeploy.lab.images import Image
from autodeploy.lab.run import run, succeeds
from autodeploy.paths import private_folder

log = logging.getLogger(__name__)
BUILD_SECONDS = 600
NO_SERVICES = "#!/bin/sh\nexit 101\n"


@dataclass(frozen=True)
class Extra:
    """What a layer adds.

    Attributes:
        name: What it is called in the cache.
        packages: Debian packages.
        setup: Shell commands to run in it afterwards; services do not run there.
    """

    name: str
    packages: tuple[str, ...]
    setup: tuple[str, ...] = ()


def layers(image: Image, cache: Path) -> list[Path]:
    """The layers of an image of a user's hosts, the top one first; built where there are none.

    Raises:
        LabBroken: They could not be built.
    """
    if not image.packages:
        return [images.ensure(image, cache)]
    return ensure(Extra(f"{image.suite}-baked", image.packages), image, cache)


def ensure(extra: Extra, image: Image, cache: Path) -> list[Path]:
    """The layers of the image with the extra, the top one first; built where there are none.

    Raises:
        LabBroken: They could not be built.
    """
    base = images.ensure(image, cache)
    said = json.dumps([base.name, extra.packages, extra.setup])
    layer = cache / f"{extra.name}-{hashlib.sha256(said.encode()).hexdigest()[:12]}"
    if not layer.is_dir():
        with (private_folder(cache) / f"{extra.name}.lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            if not layer.is_dir():
                _build(extra, image, base, layer)
    return [layer, base]


def _build(extra: Extra, image: Image, base: Path, layer: Path) -> None:
    log.info("building the layer %s (once a machine)", extra.name)
    for left in layer.parent.glob(f"{extra.name}.building-*"):
        _remove(left)
    building = Path(tempfile.mkdtemp(prefix=f"{extra.name}.building-", dir=layer.parent))
    try:
        for name in ("upper", "work", "root"):
            (building / name).mkdir(mode=0o755)
        options = f"lowerdir={base},upperdir={building / 'upper'},workdir={building / 'work'}"
        run("mount", "-t", "overlay", "-o", options, "autodeploy-extra", str(building / "root"))
        _install(extra, image, building / "root")
        run("umount", str(building / "root"))
        (building / "upper").rename(layer)
    finally:
        _remove(building)


def _install(extra: Extra, image: Image, root: Path) -> None:
    machine.copy_into(root, image.suite)
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text(NO_SERVICES)
    policy.chmod(0o755)
    script = (
        "export DEBIAN_FRONTEND=noninteractive",
        "apt-get update -qq",
        f"apt-get install -y -qq --no-install-recommends {' '.join(extra.packages)}",
        "apt-get clean",
        "rm -rf /var/lib/apt/lists/*",
        *extra.setup,
    )
    inside = ("systemd-nspawn", "--quiet", "--pipe", "--register=no", "--keep-unit")
    options = (f"--directory={root}", "--resolv-conf=off", "--timezone=off")
    run(
        *inside,
        *options,
        *("/bin/sh", "-e", "-s"),
        given="\n".join(script),
        timeout=BUILD_SECONDS,
    )
    policy.unlink()


def _remove(building: Path) -> None:
    succeeds("umount", str(building / "root"))
    shutil.rmtree(building, ignore_errors=True)
