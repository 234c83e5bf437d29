"""Starting, stopping and asking the lab: what the rest of autodeploy knows of it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError

from autodeploy import __version__, paths
from autodeploy.errors import LabBroken, LabError, StateError
from autodeploy.lab import images, network, processes, requirements
from autodeploy.lab.databases import authority
from autodeploy.lab.info import ApiCall, LabInfo
from autodeploy.lab.site import Site
from autodeploy.lab.sweep import anything_left, sweep
from autodeploy.paths import private_folder

log = logging.getLogger(__name__)
START_SECONDS = 60


def up() -> LabInfo:
    """The running lab; it is started where it does not run.

    Raises:
        LabUnsupported: This machine cannot run it.
        LabBroken: It does not start.
    """
    site = _site()
    info = _ask(site)
    if info:
        return info
    requirements.demand(site)
    with _alone(site):
        info = _ask(site)
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
    site = _site()
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
    return _ask(_site()) or LabInfo(running=False)


def calls(since: datetime | None = None) -> list[ApiCall]:
    """Every call of the API since the lab was started, oldest first."""
    from autodeploy.lab.api import recorder

    return recorder.read(_site().calls, since)


def ca() -> str:
    """The certificate of the authority that the lab's databases prove themselves with, as PEM.

    Raises:
        LabError: No lab has run here yet.
    """
    pem = authority.read(_site())
    if pem is None:
        raise LabError(
            "the lab has no certificate authority yet", remediation="Run `autodeploy lab up`."
        )
    return pem


def _site() -> Site:
    site = Site.here()
    try:
        site.daemon_record.exists()
    except PermissionError as error:
        raise StateError(f"{paths.home()} cannot be read", cause=str(error)) from error
    return site


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
        info = _ask(site)
        if info:
            return info
        if daemon.poll() is not None:
            raise LabBroken("the lab's API ended", cause=_end_of(site.log))
        time.sleep(0.05)
    processes.stop(processes.identity(daemon.pid) or "")
    raise LabBroken(f"the lab's API did not answer in {START_SECONDS} s", cause=_end_of(site.log))


def _ask(site: Site) -> LabInfo | None:
    """What the daemon says; None where it does not run."""
    with contextlib.suppress(FileNotFoundError, ValueError, KeyError, TypeError):
        record = json.loads(site.daemon_record.read_bytes())
        if processes.alive(record["identity"]):
            return _described(f"http://127.0.0.1:{record['port']}")
    return None


def _described(url: str) -> LabInfo | None:
    try:
        with _DIRECT.open(f"{url}/_autodeploy/status", timeout=10) as answer:
            said: dict[str, Any] = json.load(answer)
    except (URLError, TimeoutError, ConnectionError):
        return None
    if said["version"] != __version__:
        raise LabBroken(
            f"the lab was started by autodeploy {said['version']}, this is {__version__}"
        )
    return LabInfo.model_validate({**said["info"], "endpoint_url": url})


# A proxy that the environment names is not for the loopback interface.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@contextlib.contextmanager
def _alone(site: Site) -> Iterator[None]:
    """One `up` or `down` of one lab at a time."""
    with (private_folder(site.folder) / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _end_of(path: Path) -> str:
    return path.read_text(errors="replace")[-2000:]
