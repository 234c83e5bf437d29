"""By hand: rsync, a restart and a request, over one SSH connection, with prepared dependencies."""

from __future__ import annotations

from pathlib import Path

from peers.base import CONTENT, Peer, run

SETUP = """
sudo install -d -o admin /srv/bench/current
sudo mv /tmp/bench.service /etc/systemd/system/
sudo mv /tmp/site.conf /etc/nginx/sites-enabled/default
sudo systemctl daemon-reload && sudo systemctl enable -q bench && sudo systemctl reload nginx
"""
PREPARE = """
sudo install -d -o admin /srv/bench && python3 -m venv /srv/bench/venv
/srv/bench/venv/bin/pip install -q -r /tmp/requirements.txt
"""


class ByHand(Peer):
    """What somebody types who knows the host; the connection stays open in between."""

    name = "by hand"

    @property
    def ssh(self) -> list[str]:
        socket = f"-oControlPath={self.folder}/%C"
        return [*super().ssh, "-oControlMaster=auto", "-oControlPersist=yes", socket]

    @property
    def checkout(self) -> Path:
        return self.folder / "checkout"

    def packages(self) -> None:
        super().packages()
        self.machine.run(PREPARE)

    def first(self) -> None:
        run(["git", "clone", "-q", self.application.url, self.checkout])
        for name in ("bench.service", "site.conf"):
            self.copy(CONTENT / name, f"/tmp/{name}")
        self.host(SETUP)
        self.deploy()

    def redeploy(self) -> None:
        run(["git", "pull", "-q"], self.checkout)
        self.deploy()

    def deploy(self) -> None:
        where = f"{self.login}:/srv/bench/current/"
        run(["rsync", "-a", "--delete", "-e", " ".join(self.ssh), f"{self.checkout}/", where])
        self.host("sudo systemctl restart bench")

    def unchanged(self) -> None:
        """Whether there is something to do is seen in what `git pull` says."""
        assert "up to date" in run(["git", "pull"], self.checkout)

    def host(self, script: str) -> None:
        run([*self.ssh, self.login, script])

    def close(self) -> None:
        run([*self.ssh, "-O", "exit", self.login])
