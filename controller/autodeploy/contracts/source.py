"""Recon's first answer: the repository, on this machine."""

from __future__ import annotations

from pathlib import Path

from autodeploy.contracts.base import Contract


class Source(Contract):
    """A repository at one commit.

    Attributes:
        url: Its address as the user gave it, without credentials.
        checkout: The folder of the application. Recon's to keep: nobody else writes there.
        commit: The commit, 40 hexadecimal digits; None for a folder that is no git root.
        name: The application's default name: the last part of the address, without `.git`.
        path: Where `checkout` is inside the repository; empty for its root.
        ignored: Names at the top or patterns (as .gitignore has them) that are never shipped.
    """

    url: str
    checkout: Path
    commit: str | None
    name: str
    path: str = ""
    ignored: tuple[str, ...] = ()

    @property
    def root(self) -> Path:
        """The repository's root: `checkout`, or a folder above it."""
        return self.checkout.parents[self.path.count("/")] if self.path else self.checkout
