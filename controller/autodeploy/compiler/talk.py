"""What the fetching and running of tools needs of a log."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

CONTROL = dict.fromkeys([*range(32), 127], "\ufffd")


class Talk(Protocol):
    """Says things to people; the journal's AgentLog is one."""

    def info(self, message: str) -> None:
        """Say something to people."""

    def warning(self, message: str) -> None:
        """Say something that people should act on."""


def printable(path: str | Path) -> str:
    """A name of a repository's or a build's as a log may show it: with no line of its own."""
    return os.fsencode(path).decode(errors="replace").translate(CONTROL)
