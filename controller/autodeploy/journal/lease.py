"""Two controllers never work on one application: a lock that its owner's death lets go.

The lock is the kernel's (flock on a file in the application's folder): it cannot be left behind.
The file's text only tells people who holds it.
"""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path
from types import TracebackType

from autodeploy.errors import LeaseHeld


class Lease:
    """Held inside a `with`; LeaseHeld, with the owner's name, where somebody else holds it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lease"
        self._descriptor: int | None = None

    def __enter__(self) -> Lease:
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = self._path.read_text().strip() or "another process"
            os.close(self._descriptor)
            raise LeaseHeld(f"{owner} works on this application now", step="lease") from None
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
