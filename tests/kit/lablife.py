"""An application in the lab whose controllers die: real processes, hosts, databases, balancers."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from autodeploy import paths
from autodeploy.contracts import ApplicationState
from autodeploy.journal import DirectoryStore
from autodeploy.journal.events import AnyEvent
from breakkit import Inside, kept_open, playing, users
from faultkit import CANARY
from labkit import marks_of, processes
from mortal import WHERE
from roadkit import ROOT

NAME = "shop"
FLAGS: dict[str, Any] = {"target": "lab", "hosts": 2}
LOOK = f"""
release=$(basename "$(readlink /srv/{NAME}/current)")
systemctl list-units --plain --no-legend --all '{NAME}-*' | awk '{{print $1, $3, $4}}' |
    sed "s/$release/RELEASE/"
getent passwd | cut -d: -f1,6,7
ls -A /var/lib/autodeploy /etc/nginx/sites-enabled
dpkg --audit
apt-mark showmanual
"""
Death = Mapping[str, Any]
"""What `mortal` is told."""


@dataclass
class LabApplication:
    """The guestbook: two hosts, a load balancer and a database.

    Attributes:
        folder: Where it comes from.
        flags: What its command lines say.
        plays: The folders of plays that were running where a controller died.
    """

    folder: Path
    flags: Mapping[str, Any] = field(default_factory=lambda: FLAGS)
    plays: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        shutil.copytree(ROOT / "examples/flask-guestbook", self.folder / NAME)

    @property
    def state(self) -> ApplicationState:
        """What the logs say of it."""
        known = self._store.application(NAME, "production")
        assert known is not None
        return known

    @property
    def history(self) -> list[AnyEvent]:
        """The log of its newest run."""
        return self._store.history(self.state.last.id)

    @property
    def private(self) -> Path:
        """Its private folder."""
        return self._store.application_folder(NAME, "production")

    @property
    def places(self) -> list[Path]:
        """Where it has files on this machine; the lab's own are AWS's."""
        return [paths.home() / "deployments", paths.home() / "applications"]

    def deploy(self, death: Death | None = None) -> str | None:
        """Begin a deployment; as `_run`."""
        return self._run(death, "deploy", self.folder / NAME, "--target", "lab", "--hosts", "2")

    def retry(self, death: Death | None = None) -> str | None:
        """Let the newest deployment go on; as `_run`."""
        return self._run(death, "retry", NAME)

    def rollback(self, death: Death | None = None) -> str | None:
        """Undo the newest deployment; as `_run`."""
        return self._run(death, "rollback", NAME, "--yes", "--yes-data")

    def destroy(self, death: Death | None = None) -> str | None:
        """Remove all that it has; as `_run`."""
        return self._run(death, "destroy", NAME, "--yes")

    def say(self, word: str) -> None:
        """Another setting, and so another release."""
        (self.folder / NAME / "autodeploy.yml").write_text(yaml.safe_dump({"env": {"WORD": word}}))

    def sign(self, name: str) -> None:
        """Write into its database, by its URL."""
        said = json.dumps({"name": name, "said": "hello"}).encode()
        assert self._ask("api/entries", said)["name"] == name

    def signed(self) -> list[str]:
        """What its database has, by its URL."""
        return sorted(one["name"] for one in self._ask("api/entries"))

    def looks(self) -> dict[str, list[str]]:
        """What there is on its hosts, asked of themselves; the release's name is left out."""
        return {one.name: self._inside(one)(LOOK).splitlines() for one in self.state.hosts}

    def releases(self) -> list[str]:
        """What each host serves."""
        current = f"basename $(readlink /srv/{NAME}/current)"
        return [self._inside(one)(current) for one in self.state.hosts]

    def survivors(self) -> list[str]:
        """What of dead controllers is still on this machine."""
        running = [f"{one} in {place}" for place in self.plays for one in users(place)]
        left = [one for one in (*self.plays, *playing(NAME)) if Path(one).exists()]
        return running + left + ([str(kept_open(NAME))] if kept_open(NAME).is_symlink() else [])

    def _run(self, death: Death | None, *arguments: object) -> str | None:
        """The command, until it dies.

        Returns:
            Where it died; None where it lived and succeeded.
        """
        line = [sys.executable, "-m", "mortal", *map(str, arguments), "--json"]
        environ = {**os.environ, WHERE: json.dumps(death or {})}
        environ["PYTHONPATH"] = str(Path(__file__).parent)
        # Files, for what it starts lives longer than it and would hold a pipe open.
        with (self.folder / "said").open("w") as out, (self.folder / "errors").open("w") as errors:
            done = subprocess.run(
                line, env=environ, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, check=False
            )
        told = (self.folder / "errors").read_text()
        assert done.returncode in {0, -signal.SIGKILL}, told
        assert CANARY not in told + (self.folder / "said").read_text()
        if done.returncode == 0:
            return None
        self.plays |= set(playing(NAME))
        assert not [pid for pid in processes() if CANARY in marks_of(pid)]
        return told.splitlines()[-1]

    def _inside(self, host: Any) -> Inside:
        return Inside(host.instance_id)

    def _ask(self, path: str, body: bytes | None = None) -> Any:
        kind = {"Content-Type": "application/json"} if body else {}
        live = self.state.live
        assert live is not None
        assert live.deployment is not None
        request = urllib.request.Request(f"{live.deployment.url}{path}", body, kind)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            return json.loads(answer.read())

    @property
    def _store(self) -> DirectoryStore:
        return DirectoryStore(paths.home())
