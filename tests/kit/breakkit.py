"""A host of the lab, reached behind SSH's back, and a deployment that is held in its middle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from labkit import marks_of, pids_of, processes, until
from roadkit import ROOT

HOLD = 'until test -e "$XDG_CACHE_HOME/go"; do sleep 0.1; done'


class Inside:
    """The inside of one host, as root, whatever its SSH and its sudo do."""

    def __init__(self, instance_id: str) -> None:
        self._mark = f"--machine={instance_id}"

    def __call__(self, script: str) -> str:
        done = self.run(script)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        line = ["nsenter", "--target", self._leader(), "--all", "--", "sh", "-c", script]
        return subprocess.run(line, capture_output=True, text=True, check=False)

    def boot(self) -> str:
        """Which boot it is; nothing while there is none."""
        return self.run(
            "systemctl is-active -q multi-user.target && cut -d' ' -f22 /proc/1/stat"
        ).stdout

    def _leader(self) -> str:
        return until(self._children)[0]

    def _children(self) -> list[str]:
        pids = pids_of("systemd-nspawn", self._mark)
        files = [Path(f"/proc/{pid}/task/{pid}/children") for pid in pids]
        try:
            return [child for file in files for child in file.read_text().split()]
        except OSError:
            return []


class Held:
    """A deployment in the lab whose release command has begun and waits for `/var/cache/APP/go`."""

    def __init__(self, folder: Path, inside: Inside, message: str) -> None:
        said = {"env": {"MESSAGE": message}, "release_command": HOLD}
        (folder / "autodeploy.yml").write_text(json.dumps(said))
        inside(f"rm -f {self.go(folder)}")
        line = [sys.executable, "-m", "autodeploy", "deploy", str(folder), "--json"]
        self.process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        waiting = f"systemctl list-units --plain '{folder.name}-command.*' | grep -q activating"
        until(lambda: inside.run(waiting).returncode == 0, seconds=120)

    @staticmethod
    def go(folder: Path) -> str:
        return f"/var/cache/{folder.name}/go"

    def interrupt(self) -> None:
        """Ctrl-C, once; it has been heard when this returns."""
        self.process.send_signal(signal.SIGINT)
        while b"Stopping once" not in (line := self.process.stderr.readline()):
            assert line, "it has ended"

    def end(self, code: int) -> Any:
        """What it printed, once it has ended."""
        said, errors = self.process.communicate(timeout=300)
        assert self.process.returncode == code, errors.decode()
        assert str(ROOT / "controller").encode() not in errors, "a traceback of ours"
        return json.loads(said)


def kept_open(application: str) -> Path:
    """The link to where an application's connections are kept open."""
    return private(application) / "connections"


def playing(application: str) -> list[str]:
    """The folders of an application's plays that run, or that nobody has ended."""
    return [str(link.readlink()) for link in private(application).glob("plays/*")]


def private(application: str) -> Path:
    return Path(os.environ["AUTODEPLOY_HOME"], "applications", application, "production")


def users(place: str) -> list[int]:
    """The processes that have to do with this folder of a deployment's."""
    return [pid for pid in processes() if place in marks_of(pid) + environment_of(pid)]


def environment_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/environ").read_text(errors="replace")
    except OSError:
        return ""
