"""The lease of a folder: the kernel's lock on a file, which its owner's death lets go.

The file's text only tells people who holds it. It cannot be left behind, and it is lost only with
the file: where somebody removes that, the next process makes and locks another.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from pydantic import ValidationError

from autodeploy.errors import LeaseHeld, LeaseLost
from autodeploy.journal.lease import Holding, Lease, Say
from autodeploy.journal.log import writing

LONGEST = 4096
TRIES, PAUSE_SECONDS = 5, 0.02
"""Who only looks whether somebody has it holds it for an instant."""


class FileLease(Lease):
    """See Lease.

    Attributes:
        before: Who had it before, as far as was told.
        held: Who has it.
    """

    def __init__(self, folder: Path, operation: str, wait: float, say: Say) -> None:
        super().__init__(operation, wait, say)
        self._path = folder / "lease"
        self._descriptor = -1
        self.before = self.held = Holding()

    def take(self) -> None:
        """See Lease."""
        with writing(self._path):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        before = _told(descriptor)
        if not any(_tried(descriptor) for _ in range(TRIES)):
            os.close(descriptor)
            raise LeaseHeld(str(before), step="lease")
        if not _is_at(self._path, descriptor):  # It was removed while it was being taken.
            os.close(descriptor)
            self.take()
            return
        self._descriptor = descriptor
        self.before, self.held = before, self.mine(before.number + 1)
        line = self.held.line()
        with writing(self._path):
            os.pwrite(descriptor, line, 0)
            os.ftruncate(descriptor, len(line))

    def give(self) -> None:
        """See Lease. The text stays: without the lock it means nothing."""
        self._left.set()
        os.close(self._descriptor)

    def check(self) -> None:
        """See Lease: the kernel takes no lock from a live process, but its file can be removed."""
        if not _is_at(self._path, self._descriptor):
            now = holder(self._path.parent)
            raise LeaseLost(
                f"the lease was lost: {now or f'{self._path} was removed'}",
                step="lease",
                remediation=None if now else LeaseLost.unclaimed,
            )

    def watch(self) -> None:
        """See Lease."""
        self.check()

    def share(self) -> None:
        """See Lease: what is in a folder is no other machine's."""


def holder(folder: Path) -> Holding | None:
    """Who holds a folder's lease now; None where nobody does."""
    path = folder / "lease"
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        held = _told(descriptor)
        return None if _locked(descriptor, fcntl.LOCK_SH) else held
    finally:
        os.close(descriptor)


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether the file that is open is the one at the path."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError:
        return False


def _tried(descriptor: int) -> bool:
    if _locked(descriptor, fcntl.LOCK_EX):
        return True
    time.sleep(PAUSE_SECONDS)
    return False


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _told(descriptor: int) -> Holding:
    """What the file tells; what cannot be read, such as an older version's, names nobody."""
    text = os.pread(descriptor, LONGEST, 0).partition(b"\n")[0]
    try:
        return Holding.model_validate_json(text)
    except ValidationError:
        return Holding()
