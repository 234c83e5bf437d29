"""Logs in a folder of this machine: the default."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from autodeploy.errors import LeaseHeld, StateError
from autodeploy.journal.filelease import FileLease, holder
from autodeploy.journal.lease import Holding, Lease
from autodeploy.journal.log import FileLog
from autodeploy.journal.store import Store
from autodeploy.paths import private_folder


class DirectoryStore(Store):
    """See Store."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root

    def logs(self) -> list[FileLog]:
        """See Store."""
        found = (self.root / "deployments").glob("*/events.jsonl")
        return sorted((FileLog(path.parent) for path in found), key=lambda log: log.id)

    def log(self, identifier: str) -> FileLog:
        """See Store."""
        return FileLog(self.root / "deployments" / identifier)

    def application_folder(self, application: str, environment: str) -> Path:
        """See Store."""
        folder = self.root / "applications" / application / environment
        with suppress(StateError):  # Who only reads may where nothing can be written.
            private_folder(folder)
        return folder

    def holder(self, application: str, environment: str) -> Holding | None:
        """See Store."""
        return holder(self.root / "applications" / application / environment)

    def unlock(self, application: str, environment: str, held: Holding) -> None:  # noqa: ARG002
        """See Store. The kernel lets a dead process's lock go: who has it, lives."""
        raise LeaseHeld(
            str(held),
            cause=f"process {held.pid} of this machine lives",
            step="lease",
            remediation=f"Wait for it to end, or stop it as Ctrl-C does: `kill -INT {held.pid}`.",
        )

    def _lease(self, application: str, environment: str, operation: str, wait: float) -> Lease:
        folder = self.application_folder(application, environment)
        return FileLease(folder, operation, wait, self.say)
