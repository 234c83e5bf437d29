"""autodeploy, by its command line alone, on one host or several."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from labkit import Machine
from peers.application import NAME, Application
from peers.base import Peer, environment, run

PACKAGES = re.compile(r"install .*(package|runtime)", re.IGNORECASE)
"""The steps on a host that ask its package manager."""
NO_HARDEN = "--no-harden"


class Autodeploy(Peer):
    """With a home of its own, so that each first deployment is one; downloads are warm."""

    name = "autodeploy"

    def __init__(self, application: Application, served: str, machine: Machine, folder: Path):
        super().__init__(application, served, machine, folder)
        self.machines = [machine]
        self.home, self.user = folder / "home", folder / "user"
        (self.user / ".ssh").mkdir(mode=0o700, parents=True)

    def join(self, machine: Machine) -> None:
        """Deploy to another host too, with the same key."""
        public = self.key.with_suffix(".pub").read_text().strip()
        machine.run(f"echo '{public}' >> .ssh/authorized_keys")
        self.machines.append(machine)

    def packages(self) -> None:
        """Fill the cache of downloads; the hosts' packages are a part of the deployment."""
        cache = self.home / "cache" / "downloads" / NAME / "uv"
        cache.mkdir(parents=True)
        line = ["uv", "pip", "install", "-q", "--python", sys.executable, "--target", "away"]
        files = ["--cache-dir", cache, "-r", self.application.requirements]
        run([*line, *files], self.folder)

    def first(self) -> None:
        has = NO_HARDEN in run([*self.line, "deploy", "--help"])
        self.deploy(*([NO_HARDEN] if has else []))

    def deploy(self, *options: str) -> None:
        run(self.command(*options), more=self.variables)

    @property
    def line(self) -> list[str | Path]:
        return [Path(sys.executable).parent / "autodeploy"]

    def command(self, *options: str) -> list[str | Path]:
        """A whole deployment."""
        known = "".join((one.keys / "known").read_text() for one in self.machines)
        (self.user / ".ssh" / "known_hosts").write_text(known)
        hosts = [part for one in self.machines for part in ("--host", f"admin@{one.address}")]
        where = [self.application.url, *hosts, "--ssh-key", self.key]
        return [*self.line, "deploy", *where, "--name", NAME, *options]

    @property
    def variables(self) -> dict[str, str]:
        return {"AUTODEPLOY_HOME": str(self.home), "HOME": str(self.user)}

    def seconds_of_packages(self) -> float:
        """What the last deployment's hosts took to install packages, the slowest one's."""
        seconds: dict[str | None, float] = defaultdict(float)
        for one in self.steps():
            if one["host"] and PACKAGES.search(one["step"]):
                seconds[one["host"]] += one["seconds"]
        return max(seconds.values(), default=0)

    def steps(self) -> Iterator[dict]:
        """The journal's, of the last deployment."""
        log = max(self.home.glob("deployments/*/events.jsonl"))
        events = map(json.loads, log.read_text().splitlines())
        return (one for one in events if one["kind"] == "step")

    def measured(self) -> subprocess.Popen[bytes]:
        """A deployment that has begun."""
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        return subprocess.Popen(
            self.command(), env=environment(self.variables), stderr=subprocess.PIPE, **quiet
        )
