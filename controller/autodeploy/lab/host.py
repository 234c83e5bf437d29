"""One real host: an overlay, a cgroup and systemd-nspawn."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from autodeploy.errors import LabBroken
from autodeploy.lab import netns, rootfs, trust
from autodeploy.lab.cgroups import Cgroup
from autodeploy.lab.groups import BRIDGE
from autodeploy.lab.rootfs import HostSpec
from autodeploy.lab.run import run, succeeds
from autodeploy.lab.site import Site
from autodeploy.lab.vpcs import Vpcs

REBOOT = 133


class HostGone(Exception):
    """The host was destroyed while it was being made."""


class Host:
    """The host behind one instance; safe to call from several threads."""

    def __init__(self, site: Site, vpcs: Vpcs, spec: HostSpec) -> None:
        self.spec = spec
        self._site = site
        self._vpcs = vpcs
        self._folder = site.hosts / spec.instance_id
        self._cgroup = Cgroup(site.cgroup, spec.instance_id)
        self._lock = threading.Lock()
        self._destroyed = False
        self._namespace = ""
        self._process: subprocess.Popen[bytes] | None = None

    def create(self, lowers: Sequence[Path]) -> None:
        """Make its root file system and its place in its VPC.

        Raises:
            HostGone: It is destroyed already.
            LabError: The user data is not valid, or the machine refuses.
        """
        with self._lock:
            self._refuse_if_gone()
            root = rootfs.create(self._folder, lowers, self.spec, self._vpcs.network.mtu)
            trust.publish(self._site, root)
            self._namespace = self._vpcs.attach(self.spec)

    def start(self) -> None:
        """Boot it; its console goes to the file `console` in its folder.

        Raises:
            HostGone: It was destroyed.
        """
        with self._lock:
            self._refuse_if_gone()
            with (self._folder / "console").open("ab") as console:
                self._process = subprocess.Popen(
                    self._cgroup.start(self._command()),
                    stdin=subprocess.DEVNULL,
                    stdout=console,
                    stderr=console,
                    start_new_session=True,
                )

    def wait(self) -> int:
        """Wait until the host that was started has ended; a reboot is not its end.

        Returns:
            systemd-nspawn's exit code: 0 where the host powered itself off.

        Raises:
            HostGone: It was destroyed.
        """
        while True:
            code = self._process.wait() if self._process else 0
            with self._lock:
                self._refuse_if_gone()
                self._cgroup.kill()
            if code != REBOOT:
                return code
            self.start()

    def execute(self, *command: str, given: str | None = None, timeout: float = 60) -> str:
        """The output of a command run inside, as root; for hosts that no user ever gets.

        Args:
            command: Program and arguments.
            given: Its standard input: what must not be seen in a list of processes.
            timeout: Seconds.

        Raises:
            LabBroken: The host does not run, or the command failed.
        """
        return run(*self.inside(*command), given=given, timeout=timeout)

    def inside(self, *command: str) -> tuple[str, ...]:
        """The command line that runs a command inside, as root.

        Raises:
            LabBroken: The host does not run.
        """
        return ("nsenter", "--target", str(self._leader()), "--all", "--", *command)

    def _leader(self) -> int:
        """The host's PID 1 as this machine numbers it: systemd-nspawn's only child."""
        pid = self._process.pid if self._process else 0
        with contextlib.suppress(OSError, IndexError, ValueError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            return int(children[0])
        raise LabBroken(f"the host {self.spec.instance_id} does not run")

    def power_off(self) -> None:
        """Ask it to shut down in order; `run` returns when it has."""
        with self._lock, contextlib.suppress(ProcessLookupError):
            if self._process:
                self._process.terminate()

    def destroy(self) -> None:
        """Kill it and leave nothing of it."""
        with self._lock:
            self._destroyed = True
            remove(self._site, self.spec.instance_id)
            self._vpcs.detach(self.spec)

    def reboot(self) -> None:
        """Ask it to shut down in order and boot again; a host that does not run is let be."""
        with self._lock, contextlib.suppress(ProcessLookupError, LabBroken):
            os.kill(self._leader(), signal.SIGRTMIN + 5)  # systemd's own, for its PID 1

    def console(self, size: int = 2000) -> str:
        """The end of what it printed, at most `size` bytes."""
        with contextlib.suppress(FileNotFoundError):
            return (self._folder / "console").read_bytes()[-size:].decode(errors="replace")
        return ""

    def _refuse_if_gone(self) -> None:
        if self._destroyed:
            raise HostGone

    def _command(self) -> list[str]:
        return netns.enter(
            self._namespace,
            "systemd-nspawn",
            "--quiet",
            "--boot",
            f"--directory={self._folder / 'root'}",
            f"--machine={self.spec.instance_id}",
            f"--hostname={self.spec.hostname}",
            f"--network-bridge={BRIDGE}",
            *("--register=no", "--keep-unit", "--link-journal=no"),
            *("--resolv-conf=off", "--timezone=off"),
        )


def remove(site: Site, name: str) -> None:
    """Take away whatever there is of a host: processes, cgroup, interface, overlay.

    Raises:
        LabBroken: Something of it cannot be taken away.
    """
    Cgroup(site.cgroup, name).kill()
    _forget(name, site.hosts / name / "root")
    rootfs.remove(site.hosts / name)


def _forget(name: str, root: Path) -> None:
    """Take away what a killed systemd-nspawn leaves in /run."""
    run = Path("/run/systemd/nspawn")
    for left in (run / "propagate" / name, run / "unix-export" / name):
        if left.exists():
            succeeds("umount", str(left))
            shutil.rmtree(left, ignore_errors=True)
    if root.exists():
        at = root.stat()
        (run / f"locks/inode-{at.st_dev}:{at.st_ino}").unlink(missing_ok=True)
