"""Taking a lab away, whoever died before: by its records and by its names on this machine."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path

from autodeploy.lab import cgroups, host, names, netns, network, processes
from autodeploy.lab.site import Site


def anything_left(site: Site) -> bool:
    """Whether there may be something of the lab on this machine."""
    return (
        site.network_record.exists()
        or site.daemon_record.exists()
        or site.hosts.exists()
        or Path("/sys/class/net", site.bridge).exists()
        or bool(cgroups.leftovers(site.cgroup))
        or bool(netns.leftovers(site.namespaces))
        or bool(names.left(site))
    )


def sweep(site: Site) -> None:
    """End the daemon and every host, then take the networks, names and records away.

    Raises:
        LabBroken: Something cannot be taken away.
    """
    with contextlib.suppress(FileNotFoundError, ValueError, KeyError):
        processes.stop(json.loads(site.daemon_record.read_bytes())["identity"])
    folders = [one.name for one in site.hosts.glob("*")] if site.hosts.is_dir() else []
    for name in sorted({*folders, *cgroups.leftovers(site.cgroup)}):
        host.remove(site, name)
    cgroups.remove_parent(site.cgroup)
    for name in netns.leftovers(site.namespaces):
        netns.delete(name)
    names.forget_all(site)
    network.destroy(site)
    shutil.rmtree(site.hosts, ignore_errors=True)
    for folder in (site.snapshots, site.acme):
        shutil.rmtree(folder, ignore_errors=True)
    site.delegations.unlink(missing_ok=True)
    site.daemon_record.unlink(missing_ok=True)
