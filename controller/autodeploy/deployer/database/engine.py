"""What is otherwise from one engine to the next about its own clients on this machine."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Literal

from autodeploy.deployer.database.access import Access

Use = Literal["tunnel", "shell", "dumps"]
"""What its clients are wanted for."""


class Engine(ABC):
    """Command lines of an engine's clients, and what these read.

    Attributes:
        name: The engine's, for people.
        package: Debian's package of its clients.
        programs: Those that a use takes.
        beginning: How a dump begins.
        ending: How a dump ends, where that can be seen; None where `script` tells.
        undone: How `restore` exits where the database has refused a statement, and with it all
            that went before; None where what went before stays.
        end: What must follow once `statements` are over.
        too_old: What a client says that is older than its server; None where it works all the same.
    """

    name: ClassVar[str]
    package: ClassVar[str]
    programs: ClassVar[Mapping[Use, tuple[str, ...]]]
    beginning: ClassVar[re.Pattern[bytes]]
    ending: ClassVar[re.Pattern[bytes] | None] = None
    undone: ClassVar[int | None] = None
    end: ClassVar[bytes] = b""
    too_old: ClassVar[str | None] = None

    @abstractmethod
    def environment(self, access: Access) -> dict[str, str]:
        """What each of them runs with; the password goes into a file of the access's."""

    @abstractmethod
    def shell(self, access: Access, words: Sequence[str]) -> list[str]:
        """A shell, or what the words say to it."""

    @abstractmethod
    def dump(self, access: Access) -> list[str]:
        """Prints a dump of the database."""

    @abstractmethod
    def script(self, file: Path) -> list[str]:
        """Prints a dump as SQL, which makes all in it the user's; fails where it is not whole."""

    @abstractmethod
    def statements(self, access: Access, dumped: Iterator[bytes]) -> Iterator[bytes]:
        """What `restore` is to read before the end, for what `script` has printed."""

    @abstractmethod
    def restore(self, access: Access) -> list[str]:
        """Reads SQL, and ends at the first that fails."""
