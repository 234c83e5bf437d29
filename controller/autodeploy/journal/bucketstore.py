"""Logs in a bucket, for teams and CI: every machine that may read it knows the same."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from autodeploy.journal.belongings import Belongings, Vault
from autodeploy.journal.bucket import Bucket
from autodeploy.journal.bucketlease import LIFE_SECONDS, BucketLease, holder, take_away
from autodeploy.journal.bucketlog import BucketLog
from autodeploy.journal.lease import Holding, Lease
from autodeploy.journal.store import Store
from autodeploy.paths import private_folder


class BucketStore(Store):
    """See Store.

    Attributes:
        life: Seconds that a lease holds after it was last renewed.
    """

    def __init__(self, bucket: Bucket, vault: Vault, root: Path) -> None:
        """A store below the bucket's prefix.

        Args:
            bucket: Where all is but secrets.
            vault: Where the applications' SSH keys are.
            root: The folder of what this machine keeps of it.
        """
        super().__init__()
        self.life = LIFE_SECONDS
        self._bucket = bucket
        self._vault = vault
        self._root = root

    def logs(self) -> list[BucketLog]:
        """See Store. One listing tells of all."""
        parts = (key.split("/") for key in self._bucket.keys("deployments/"))
        events = (part for part in parts if len(part) == 4 and part[2] == "events")
        return [
            BucketLog(self._bucket, identifier, self._root, [part[3] for part in some])
            for identifier, some in groupby(events, key=lambda part: part[1])
        ]

    def log(self, identifier: str) -> BucketLog:
        """See Store."""
        return BucketLog(self._bucket, identifier, self._root)

    def application_folder(self, application: str, environment: str) -> Path:
        """See Store. Unless a process of this machine works in it, it is as others left it."""
        belongings = self._belongings(application, environment)
        belongings.look()
        return belongings.folder

    def _belongings(self, application: str, environment: str) -> Belongings:
        name = f"{application}/{environment}"
        folder = private_folder(self._root / "applications" / name)
        return Belongings(self._bucket, self._vault, name, folder)

    def holder(self, application: str, environment: str) -> Holding | None:
        """See Store."""
        return holder(self._bucket, _key(application, environment))

    def unlock(self, application: str, environment: str, held: Holding) -> None:
        """See Store. An owner that lives hears of it within a third of its lease's life."""
        take_away(self._bucket, _key(application, environment), held)

    def _lease(self, application: str, environment: str, operation: str, wait: float) -> Lease:
        key = _key(application, environment)
        mine = self._belongings(application, environment)
        return BucketLease(self._bucket, key, mine, operation, wait, self.say, self.life)


def _key(application: str, environment: str) -> str:
    return f"applications/{application}/{environment}/lease"
