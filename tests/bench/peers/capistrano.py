"""Capistrano, as its Debian package installs it."""

from __future__ import annotations

import shutil

from peers.base import CONTENT, Peer, run


class Capistrano(Peer):
    """Its own flow, with two tasks: dependencies, restart."""

    name = "Capistrano"

    @classmethod
    def lacks(cls) -> str | None:
        return None if shutil.which("cap") else "the Debian package capistrano"

    def first(self) -> None:
        self.cap("setup", "deploy")

    def deploy(self) -> None:
        self.cap("deploy")

    def cap(self, *tasks: str) -> None:
        told = {
            "ADDRESS": self.machine.address,
            "KEY": str(self.key),
            "KNOWN_HOSTS": str(self.known_hosts),
            "REPOSITORY": self.served,
        }
        run(["cap", "production", *tasks], CONTENT / "capistrano", told)
