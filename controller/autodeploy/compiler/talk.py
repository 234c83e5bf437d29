"""What the fetching and running of tools needs of a log."""

from __future__ import annotations

from typing import Protocol


class Talk(Protocol):
    """Says things to people; the journal's AgentLog is one."""

    def info(self, message: str) -> None:
        """Say something to people."""

    def warning(self, message: str) -> None:
        """Say something that people should act on."""
