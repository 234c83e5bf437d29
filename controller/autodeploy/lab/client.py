"""Starting, stopping and asking the lab: what the rest of autodeploy knows of it."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from autodeploy import paths
from autodeploy.errors import LabBroken, LabError
from autodeploy.lab import endpoint, images, network, processes, record, requirements, trust
from autodeploy.lab.admin import (
    add_fault,
    clear_faults,
    delays,
    faults,
    policy,
    quotas,
    reset,
    snapshot,
)
from autodeploy.lab.info import ApiCall, LabInfo
from autodeploy.lab.site import Site
from autodeploy.lab.sweep import anything_left, sweep
from autodeploy.paths import private_folder

__all__ = [
    "add_fault",
    "authority",
    "ca",
    "calls",
    "clear_faults",
    "delays",
    "down",
    "faults",
    "policy",
    "quotas",
    "reset",
    "snapshot",
    "status",
    "up",
]

log = logging.getLogger(__name__)
START_SECONDS = 60


def up() -> LabInfo:
    """The running lab; it is started where it does not run.

    Raises:
        LabUnsupported: This machine cannot run it.
        LabBroken: It does not start.
    """
    site = endpoint.site()
    info = endpoint.ask(site)
    if info:
        return info
    requirements.demand(site)
    with _alone(site):
        info = endpoint.ask(site)
        if info:
            return info
        images.ensure(images.DEFAULT, site.images)
        sweep(site)
        try:
            return _start(site)
        except BaseException:
            sweep(site)
            raise


def down() -> bool:
    """Take the lab away with all its hosts; whether there was anything of it.

    Raises:
        LabUnsupported: Something is there and only root can take it away.
        LabBroken: Something cannot be taken away.
    """
    site = endpoint.site()
    if not site.folder.exists() or not anything_left(site):
        return False
    requirements.demand_root()
    with _alone(site):
        sweep(site)
    return True


def status() -> LabInfo:
    """What the lab is; never starts it.

    Raises:
        LabBroken: Another version of autodeploy started it.
    """
    return endpoint.ask(endpoint.site()) or LabInfo(running=False)


def calls(since: datetime | None = None) -> list[ApiCall]:
    """Every call of the API since the lab was started, oldest first."""
    return record.read(endpoint.site().calls, since)


def authority() -> Path:
    """The file of all whose certificates are good in the lab, whether it runs yet or not.

    These are the authority of `ca`, and that of ACME once somebody has asked for it.
    """
    return trust.bundle_path(endpoint.site())


def ca() -> str:
    """The certificate of the authority that the lab's databases and balancers have, as PEM.

    Raises:
        LabError: No lab has run here yet.
    """
    pem = trust.read(endpoint.site())
    if pem is None:
        raise LabError(
            "the lab has no certificate authority yet", remediation="Run `autodeploy lab up`."
        )
    return pem


def _start(site: Site) -> LabInfo:
    network.create(site)
    site.calls.unlink(missing_ok=True)
    with site.log.open("w") as output:
        daemon = subprocess.Popen(
            [sys.executable, "-m", "autodeploy.lab.daemon"],
            cwd="/",
            env={
                **os.environ,
                "AUTODEPLOY_HOME": str(paths.home()),
                "AUTODEPLOY_LAB_IMAGES": str(site.images),
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        info = endpoint.ask(site)
        if info:
            return info
        if daemon.poll() is not None:
            raise LabBroken("the lab's API ended", cause=_end_of(site.log))
        time.sleep(0.05)
    processes.stop(processes.identity(daemon.pid) or "")
    raise LabBroken(f"the lab's API did not answer in {START_SECONDS} s", cause=_end_of(site.log))


@contextlib.contextmanager
def _alone(site: Site) -> Iterator[None]:
    """One `up` or `down` of one lab at a time."""
    with (private_folder(site.folder) / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _end_of(path: Path) -> str:
    return path.read_text(errors="replace")[-2000:]
