"""piku: `git push` to a host that has it. `PIKU` names a folder with its piku.py."""

from __future__ import annotations

import os
from pathlib import Path

from peers.base import Peer, run

SETUP = """
set -e
sudo adduser -q --disabled-password --gecos '' --ingroup www-data piku
sudo install -o piku -g www-data -m 755 /tmp/piku.py /home/piku/piku.py
sudo -iu piku python3 /home/piku/piku.py setup
sudo -iu piku python3 /home/piku/piku.py setup:ssh - < ~/.ssh/authorized_keys
sudo ln -sf /usr/bin/uwsgi /usr/local/bin/uwsgi-piku
sudo mv /tmp/*piku*.service /tmp/piku-nginx.path /etc/systemd/system/
sudo systemctl disable -q --now uwsgi
sudo mv /tmp/nginx.default.dist /etc/nginx/sites-available/default
sudo chmod 755 /home/piku
sudo systemctl daemon-reload
sudo systemctl enable -q --now uwsgi-piku piku-nginx.path
sudo -H -u piku pip3 -q download --no-deps -d /tmp/of-piku -r /tmp/requirements.txt
"""
NAMED = """
sudo -u piku mkdir /home/piku/.piku/envs/bench
echo NGINX_SERVER_NAME={} | sudo -u piku tee /home/piku/.piku/envs/bench/ENV
"""
FILES = ("piku.py", "uwsgi-piku.service", "piku-nginx.service", "piku-nginx.path")


class Piku(Peer):
    """Its `web` process behind its nginx."""

    name = "piku"
    wanted = (
        *("git", "nginx-light", "openssl", "python3-click", "python3-pip", "python3-venv"),
        *("python3-virtualenv", "uwsgi", "uwsgi-plugin-python3"),
    )

    @classmethod
    def lacks(cls) -> str | None:
        has = (Path(os.environ.get("PIKU", "-")) / "piku.py").is_file()
        return None if has else "PIKU names no folder with piku.py"

    @property
    def checkout(self) -> Path:
        return self.folder / "checkout"

    def packages(self) -> None:
        super().packages()
        theirs = Path(os.environ["PIKU"])
        for name in (*FILES, "nginx.default.dist"):
            self.copy(theirs / name, f"/tmp/{name}")
        self.machine.run(SETUP + NAMED.format(self.machine.address))

    def first(self) -> None:
        run(["git", "clone", "-q", self.application.url, self.checkout])
        remote = f"piku@{self.machine.address}:bench"
        run(["git", "remote", "add", "piku", remote], self.checkout)
        self.push()

    def deploy(self) -> None:
        run(["git", "pull", "-q"], self.checkout)
        self.push()

    def push(self) -> None:
        ssh = {"GIT_SSH_COMMAND": " ".join(self.ssh)}
        run(["git", "push", "-q", "piku", "main"], self.checkout, ssh)
