"""pyinfra, in an environment of its own."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from peers.base import CONTENT, Peer, run


@cache
def installed() -> Path | None:
    """Its command, there until the bench ends; None where it cannot be installed."""
    folder = Path(tempfile.mkdtemp(prefix="bench-pyinfra-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for line in (["venv", folder], ["pip", "--python", folder, "install", "-q", "pyinfra"]):
        if subprocess.run([sys.executable, "-m", *line], check=False).returncode:
            return None
    return folder / "bin" / "pyinfra"


class Pyinfra(Peer):
    """Facts read and operations written, one after another."""

    name = "pyinfra"

    @classmethod
    def lacks(cls) -> str | None:
        return None if installed() else "the package pyinfra"

    def deploy(self) -> None:
        data = {
            "ssh_user": "admin",
            "ssh_key": self.key,
            "ssh_known_hosts_file": self.known_hosts,
            "ssh_strict_host_key_checking": "yes",
            "repository": self.served,
        }
        given = [part for name, value in data.items() for part in ("--data", f"{name}={value}")]
        line = [installed(), "-y", *given, self.machine.address, "deploy.py"]
        run(line, CONTENT / "pyinfra")
