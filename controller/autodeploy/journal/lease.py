"""Two controllers never work on one application; who does is told to people."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pydantic import Field, ValidationError

from autodeploy.contracts import Contract
from autodeploy.errors import LeaseHeld, LeaseLost, StateError

if TYPE_CHECKING:
    from tenacity import RetryCallState

Say = Callable[[str], None]


class Holding(Contract):
    """Who works on an application.

    Attributes:
        owner: `user@machine`; None where nobody does.
        pid: The owner's process on that machine.
        operation: What it does there.
        since: When it began, UTC, by its own clock.
        number: Counts up each time that somebody takes the lease (fencing).
        renewal: How often its owner has said that it still lives.
        life: Seconds that it holds after it was last renewed; None as long as its process lives.
        mark: Tells two holdings of one process apart.
    """

    owner: str | None = None
    pid: int | None = None
    operation: str | None = None
    since: datetime = Field(default_factory=lambda: datetime.now(UTC))
    number: int = 0
    renewal: int = 0
    life: float | None = None
    mark: str = Field(default_factory=lambda: secrets.token_hex(8))

    def __str__(self) -> str:
        """For people: `me@laptop (process 7) works on it since 2026-01-02 03:04:05 UTC: deploy`."""
        if self.owner is None:
            return "another controller works on it"
        since = f"{self.since:%Y-%m-%d %H:%M:%S} UTC"
        return f"{self.owner} (process {self.pid}) works on it since {since}: {self.operation}"

    def line(self) -> bytes:
        """As it is kept."""
        return self.model_dump_json().encode() + b"\n"


def holding(where: str, line: bytes) -> Holding:
    """What is kept, read.

    Raises:
        StateError: It is no lease that this version knows.
    """
    try:
        return Holding.model_validate_json(line)
    except ValidationError as error:
        raise StateError(
            f"the lease {where} cannot be read",
            cause=str(error.errors()[0]["msg"]),
            step="lease",
            remediation="Use the version of autodeploy that wrote it, or a newer one.",
        ) from error


class Lease(ABC):
    """The right to work on an application, held inside a `with`.

    Entering it raises LeaseHeld, with the owner's name, where somebody else has it. Inside, a
    thread looks whether it still is held.

    Attributes:
        on_lost: Told by that thread, once, that it is not.
    """

    pause = 0.2
    """Seconds between two looks whether it is free."""
    watched = 2.0
    """Seconds between two looks whether it still is held."""

    def __init__(self, operation: str, wait: float, say: Say) -> None:
        """Nothing is taken yet.

        Args:
            operation: What is to be done.
            wait: Seconds to wait for another owner.
            say: Told once for whom is waited.
        """
        self._operation = operation
        self._wait = wait
        self._say = say
        self._left = threading.Event()
        self.on_lost: Callable[[LeaseLost], object] = lambda _: None

    def __enter__(self) -> Self:
        # Takes a while to import, and few wait.
        import tenacity

        retry = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(LeaseHeld),
            wait=self._until_next,
            stop=tenacity.stop_after_delay(self._wait),
            before_sleep=self._waiting,
            reraise=True,
        )
        retry(self.take)
        threading.Thread(target=self._keep, name="lease", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._left.set()
        self.give()

    @abstractmethod
    def take(self) -> None:
        """Take it, or raise LeaseHeld."""

    @abstractmethod
    def give(self) -> None:
        """Let it go."""

    @abstractmethod
    def check(self) -> None:
        """Raise LeaseLost where somebody else has it now."""

    @abstractmethod
    def watch(self) -> None:
        """Do what keeps it, and raise LeaseLost where it is kept no longer."""

    @abstractmethod
    def share(self) -> None:
        """Let other machines have what this one has made to work on the application's hosts."""

    def mine(self, number: int) -> Holding:
        """What is kept while this process has it."""
        return Holding(owner=who(), pid=os.getpid(), operation=self._operation, number=number)

    def _keep(self) -> None:
        while not self._left.wait(self.watched):
            try:
                self.watch()
            except LeaseLost as error:
                if not self._left.is_set():  # Else it was let go.
                    self.on_lost(error)
                return
            except Exception:  # noqa: S112  the next look, or `check`, will tell
                continue

    def _until_next(self, tried: RetryCallState) -> float:
        """Seconds to the next look; the last one is when the time is over."""
        return max(0.0, min(self.pause, self._wait - (tried.seconds_since_start or 0)))

    def _waiting(self, tried: RetryCallState) -> None:
        if tried.attempt_number == 1 and tried.outcome:
            self._say(f"waiting up to {self._wait:g} s: {tried.outcome.exception()}")


def who() -> str:
    """Who runs this, for people: `user@machine`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # Containers may run users that have no name.
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
