"""Names in a VPC: one dnsmasq in its namespace, started again where it dies."""

from __future__ import annotations

import signal
import subprocess
import threading

from autodeploy.lab import machine, netns
from autodeploy.lab.cgroups import Cgroup
from autodeploy.lab.groups import BRIDGE
from autodeploy.lab.site import Site
from autodeploy.lab.vpc import AMAZON_RESOLVER, Vpc

PAUSE_SECONDS = 1.0


class Resolver:
    """The resolver of one VPC.

    It knows EC2's names of private addresses and the lab's own names, asks the lab's name server
    for Route 53's domains, and this machine's resolvers for the rest.
    """

    def __init__(self, site: Site, vpc: Vpc, domain: str) -> None:
        site.names.mkdir(parents=True, exist_ok=True)
        self._cgroup = Cgroup(site.cgroup, f"dns-{vpc.vpc_id}")
        self._command = _command(site, vpc, domain)
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._process = self._start()
        threading.Thread(target=self._watch, daemon=True).start()

    def reload(self) -> None:
        """Read again which domains the lab's name server answers for."""
        with self._lock:
            self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """End it for good."""
        with self._lock:
            self._stopped.set()
            self._process.kill()
            self._process.wait()
            self._cgroup.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._cgroup.start(self._command), stdin=subprocess.DEVNULL, start_new_session=True
        )

    def _watch(self) -> None:
        while not self._stopped.is_set():
            self._process.wait()
            self._stopped.wait(PAUSE_SECONDS)
            with self._lock:
                if not self._stopped.is_set():
                    self._process = self._start()


def _command(site: Site, vpc: Vpc, domain: str) -> list[str]:
    upstream = [
        f"--server={line.split()[1]}"
        for line in machine.resolv_conf().splitlines()
        if line.startswith("nameserver")
    ]
    return netns.enter(
        vpc.namespace,
        "dnsmasq",
        "--keep-in-foreground",
        "--conf-file=/dev/null",
        "--pid-file=",
        # The lab's folder is root's alone.
        *("--user=root", "--group=root"),
        *("--no-resolv", "--no-hosts", "--no-poll", "--bind-interfaces"),
        *("--except-interface=lo", f"--interface={BRIDGE}"),
        *(f"--listen-address={one}" for one in (vpc.resolver, AMAZON_RESOLVER)),
        f"--synth-domain={domain},{vpc.cidr},ip-",
        f"--local=/{domain}/",
        f"--hostsdir={site.names}",
        f"--servers-file={site.delegations}",
        "--cache-size=0",  # a record that is changed is another one at once
        *upstream,
    )
