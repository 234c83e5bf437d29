"""Where the lab of this AUTODEPLOY_HOME answers, and whether it does."""

from __future__ import annotations

import contextlib
import json
import urllib.request
from typing import Any
from urllib.error import URLError

from autodeploy import __version__, paths
from autodeploy.errors import LabBroken, StateError
from autodeploy.lab import processes
from autodeploy.lab.info import LabInfo
from autodeploy.lab.site import Site

# A proxy that the environment names is not for the loopback interface.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def site() -> Site:
    """The lab of this AUTODEPLOY_HOME.

    Raises:
        StateError: Its folder is somebody else's.
    """
    here = Site.here()
    try:
        here.daemon_record.exists()
    except PermissionError as error:
        raise StateError(f"{paths.home()} cannot be read", cause=str(error)) from error
    return here


def ask(site: Site) -> LabInfo | None:
    """What the daemon says; None where it does not run.

    Raises:
        LabBroken: Another version of autodeploy started it.
    """
    with contextlib.suppress(FileNotFoundError, ValueError, KeyError, TypeError):
        record = json.loads(site.daemon_record.read_bytes())
        if processes.alive(record["identity"]):
            return _described(f"http://127.0.0.1:{record['port']}")
    return None


def _described(url: str) -> LabInfo | None:
    try:
        with DIRECT.open(f"{url}/_autodeploy/status", timeout=10) as answer:
            said: dict[str, Any] = json.load(answer)
    except (URLError, TimeoutError, ConnectionError):
        return None
    if said["version"] != __version__:
        raise LabBroken(
            f"the lab was started by autodeploy {said['version']}, this is {__version__}"
        )
    return LabInfo.model_validate({**said["info"], "endpoint_url": url})
