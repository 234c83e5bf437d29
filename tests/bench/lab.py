"""The lab's figures on this machine, each with its bound: `make bench-lab`, as root.

Memory is the sum of the proportional set sizes of a host's processes, its systemd-nspawn included:
what hosts share is counted once. What the machine as a whole has less of is printed beside it.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "kit"))

from autodeploy.lab import client, images
from autodeploy.lab.info import LabInfo
from autodeploy.lab.site import Site
from figures import Figure
from labkit import Machine, api, boot_host, open_group, processes, until

FEW, MANY = 4, 20
MIB = 1024 * 1024


def main() -> int:
    with tempfile.TemporaryDirectory() as home:
        os.environ["AUTODEPLOY_HOME"] = home
        os.environ.setdefault("AUTODEPLOY_LAB_IMAGES", str(Path.home() / CACHE))
        images.ensure(images.DEFAULT, Site.here().images)
        try:
            figures = [*few(Path(home)), *many(Path(home))]
        finally:
            client.down()
    sys.stdout.write(f"load before: {LOAD:.1f} on {os.cpu_count()} processors\n")
    sys.stdout.writelines(f"{one}\n" for one in figures)
    return any(one.is_missed for one in figures)


CACHE = ".local/state/autodeploy/lab/images"
LOAD = os.getloadavg()[0]


def few(folder: Path) -> list[Figure]:
    up, info = timed(client.up)
    boot, _ = timed(lambda: boot_all(info, folder / "few", FEW))
    down, _ = timed(client.down)
    return [
        Figure("lab up, image cached", up, 5, "s"),
        Figure(f"{FEW} hosts, RunInstances to SSH on each", boot, 6, "s"),
        Figure(f"lab down with {FEW} hosts", down, 3, "s"),
    ]


def many(folder: Path) -> list[Figure]:
    info = client.up()
    before = available()
    boot, hosts = timed(lambda: boot_all(info, folder / "many", MANY))
    for one in hosts:
        until(lambda one=one: one.ssh("systemctl is-system-running").stdout.strip() == "running")
    used = (before - available()) / MANY
    memory, disk = [pss(one) for one in hosts], [difference(one) for one in hosts]
    down, _ = timed(client.down)
    return [
        Figure(f"{MANY} hosts, RunInstances to SSH on each", boot, 60, "s"),
        Figure("memory of a bare host, the largest (PSS)", max(memory), 60, "MiB"),
        Figure(f"memory the machine lacks, a host of {MANY}", used, 60, "MiB"),
        Figure("disk of a bare host, the largest", max(disk), 40, "MiB"),
        Figure(f"lab down with {MANY} hosts", down, 10, "s"),
    ]


def boot_all(info: LabInfo, folder: Path, count: int) -> list[Machine]:
    folder.mkdir()
    group = [open_group(api(info, "ec2"), None, folder.name)]
    hosts = [
        boot_host(info, folder / str(number), wait=False, SecurityGroupIds=group)
        for number in range(count)
    ]
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(lambda one: until(one.answers, 120), hosts))
    return hosts


def timed(work):
    started = time.monotonic()
    result = work()
    return time.monotonic() - started, result


def available() -> float:
    return int(re.search(r"MemAvailable: +(\d+)", Path("/proc/meminfo").read_text())[1]) / 1024


def pss(machine: Machine) -> float:
    """MiB of all processes in the host's cgroup."""
    return sum(_pss(pid, machine.instance_id) for pid in processes()) / 1024


def _pss(pid: int, name: str) -> int:
    with contextlib.suppress(OSError):  # it has ended
        if name in Path(f"/proc/{pid}/cgroup").read_text():
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            return int(re.search(r"^Pss: +(\d+)", rollup, re.MULTILINE)[1])
    return 0


def difference(machine: Machine) -> float:
    """MiB that the host has changed of its image."""
    folder = Site.here().hosts / machine.instance_id / "upper"
    files = [one.lstat() for one in folder.rglob("*")]
    return sum(one.st_blocks * 512 for one in files) / MIB


if __name__ == "__main__":
    sys.exit(main())
