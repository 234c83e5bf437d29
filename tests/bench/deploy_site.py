"""Where deployments are measured: a lab, its hosts, and the repository that they reach."""

from __future__ import annotations

import http.client
import itertools
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

from peers.application import NAME, Application
from peers.base import Peer, run

from autodeploy.lab import client, network
from autodeploy.lab.site import Site
from labkit import Machine, allow, api, boot_host, open_group, until

Way = TypeVar("Way", bound=Peer)


class Bench:
    """One application, and fresh hosts as many as are asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._numbers = folder, itertools.count()
        self.application = Application(folder / "served" / NAME)
        self.info = client.up()
        ec2 = api(self.info, "ec2")
        self._group = open_group(ec2, None, "bench")
        allow(ec2, self._group, "tcp", 80, 80)

    def __enter__(self) -> Self:
        gateway = str(network.load(Site.here()).gateway)
        port = free_port(gateway)
        self.served = f"git://{gateway}:{port}/{NAME}"
        program = Path(run(["git", "--exec-path"]).strip()) / "git-daemon"
        line = [program, "--export-all", f"--listen={gateway}", f"--port={port}"]
        base = f"--base-path={self.folder / 'served'}"
        self._daemon = subprocess.Popen([*line, base], stdout=subprocess.DEVNULL)
        return self

    def __exit__(self, *_: object) -> None:
        self._daemon.terminate()
        self._daemon.wait()

    def host(self) -> Machine:
        keys = self.folder / f"keys-{next(self._numbers)}"
        return boot_host(self.info, keys, SecurityGroupIds=[self._group])

    def peer(self, way: type[Way]) -> Way:
        """One on a fresh host that has its packages."""
        folder = self.folder / f"peer-{next(self._numbers)}"
        peer = way(self.application, self.served, self.host(), folder)
        peer.packages()
        return peer

    def timed(self, action: Callable[[], None], *machines: Machine) -> float:
        """Seconds until the newest release answers on each host."""
        started = time.perf_counter()
        action()
        for one in machines:
            until(lambda one=one: answer(one.address) == self.application.release, pause=0.01)
        return time.perf_counter() - started


def answer(address: str) -> str:
    """What `/` says; nothing where nothing answers."""
    connection = http.client.HTTPConnection(address, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read().decode()
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()


def free_port(address: str) -> int:
    with socket.create_server((address, 0)) as one:
        return one.getsockname()[1]
