"""What a peer is: a way to take the application's repository to a host."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from labkit import Machine
from peers.application import Application

CONTENT = Path(__file__).parent / "content"
APT = "sudo DEBIAN_FRONTEND=noninteractive apt-get"
SECONDS = 300
PACKAGES = ("git", "nginx-light", "python3-packaging", "python3-venv", "rsync")

WARM = """
set -e
sudo -H python3 -m venv /tmp/warm
sudo -H /tmp/warm/bin/pip download -q --no-deps -d /tmp/downloads -r /tmp/requirements.txt
"""


class Peer:
    """One way, on one fresh host.

    Everything that is not `packages` begins at the repository and is followed by a request until
    the newest release answers.

    Attributes:
        name: What the bench's table says.
        wanted: Debian packages on the host.
    """

    name: ClassVar[str]
    wanted: ClassVar[tuple[str, ...]] = PACKAGES

    def __init__(self, application: Application, served: str, machine: Machine, folder: Path):
        """`served` is the repository's URL as the host reaches it; `folder` is the peer's own."""
        self.application, self.served = application, served
        self.machine, self.folder = machine, folder
        folder.mkdir(parents=True)

    @classmethod
    def lacks(cls) -> str | None:
        """What this machine has not, without which the peer cannot be measured."""
        return None

    def packages(self) -> None:
        """Install the host's packages and download the application's dependencies."""
        self.machine.run(f"{APT} update -q && {APT} install -qy {' '.join(self.wanted)}")
        self.copy(self.application.requirements, "/tmp/requirements.txt")
        self.machine.run(WARM)

    def first(self) -> None:
        self.deploy()

    def redeploy(self) -> None:
        self.deploy()

    def unchanged(self) -> None:
        self.deploy()

    def deploy(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """End what was left running on this machine."""

    @property
    def login(self) -> str:
        return f"admin@{self.machine.address}"

    @property
    def key(self) -> Path:
        return self.machine.keys / "user"

    @property
    def known_hosts(self) -> Path:
        return self.machine.keys / "known"

    @property
    def ssh(self) -> list[str]:
        return [
            "ssh",
            "-i",
            str(self.key),
            "-oBatchMode=yes",
            f"-oUserKnownHostsFile={self.known_hosts}",
        ]

    def copy(self, path: Path, to: str) -> None:
        """A file to a path that the login may write."""
        with path.open() as file:
            run([*self.ssh, self.login, f"cat > {to}"], stdin=file)


def run(
    command: list[str | Path],
    folder: Path | None = None,
    more: Mapping[str, str] | None = None,
    **options,
) -> str:
    """A command's output.

    Raises:
        AssertionError: It failed; with what it said.
        subprocess.TimeoutExpired: It has not ended in SECONDS.
    """
    options = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, **options}
    told = {"cwd": folder, "env": environment(more or {}), "timeout": SECONDS}
    done = subprocess.run(command, check=False, **told, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """This process's, without what is said to the lab's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AUTODEPLOY_")}
    return {**kept, **more}
