"""The lease in a bucket: an object that its owner renews, and that others take once it has run out.

Whether it has run out says the bucket's own clock: the object's age is the difference of two times
that the bucket gives. Each renewal writes other bytes, so who takes over what was just renewed is
refused: what he has read is no longer there.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress

from autodeploy.errors import CloudError, LeaseHeld, LeaseLost
from autodeploy.journal.belongings import Belongings
from autodeploy.journal.bucket import Bucket
from autodeploy.journal.filelease import FileLease
from autodeploy.journal.lease import Holding, Lease, Say, holding

LIFE_SECONDS = 60.0


class BucketLease(Lease):
    """See Lease. It is renewed every third of its life.

    This machine's own lock of the application's folder goes with it: what is in the folder is one
    process's, and an owner that died here is known to be dead.
    """

    pause = 2.0

    def __init__(
        self,
        bucket: Bucket,
        key: str,
        belongings: Belongings,
        operation: str,
        wait: float,
        say: Say,
        life: float,
    ) -> None:
        super().__init__(operation, wait, say)
        self._local = FileLease(belongings.folder, operation, wait, say)
        self._bucket = bucket
        self._belongings = belongings
        self._key = key
        self._life = life
        self.watched = life / 3
        self._lock = threading.Lock()
        self._held: Holding | None = None
        self._tag = ""
        self._renewed = _now()
        self._lost: str | None = None

    def take(self) -> None:
        """See Lease. The application's folder is then as its last owner left it."""
        self._local.take()
        try:
            self._take()
        except BaseException:
            self._local.give()
            raise
        try:
            self._belongings.fetch()
        except BaseException:
            self._free()
            raise

    def _take(self) -> None:
        began = _now()
        there = self._bucket.get(self._key)
        if there is None:
            held = self._holding(1)
            tag = self._bucket.make(self._key, held.line())
        else:
            before = holding(f"{self._bucket.name}/{self._key}", there.data)
            # The mark is known here where a process of this folder had it, and we have its lock.
            is_dead = before.mark == self._local.before.mark
            if _lives(before, there.age) and not is_dead:
                raise LeaseHeld(str(before), step="lease")
            held = self._holding(before.number + 1)
            tag = self._bucket.replace(self._key, held.line(), there.tag)
        if tag is None:  # Another one was quicker.
            self._take()
            return
        self._held, self._tag, self._renewed = held, tag, began

    def _holding(self, number: int) -> Holding:
        return self._local.held.model_copy(update={"number": number, "life": self._life})

    def give(self) -> None:
        """See Lease. Where the bucket cannot be reached, it runs out by itself."""
        try:
            if self._lost is None:
                self.renew()  # Sharing takes a while.
                self.check()
                self._belongings.share()
        except (CloudError, LeaseLost) as error:
            self._say(f"other machines may not know all of the application's hosts: {error}")
        finally:
            self._left.set()
            self._free()

    def _free(self) -> None:
        self._local.give()
        with self._lock, suppress(CloudError):
            if self._held and self._lost is None:
                free = Holding(number=self._held.number)
                self._bucket.replace(self._key, free.line(), self._tag)
            self._lost = "it was let go"

    def check(self) -> None:
        """See Lease. Where it has not been renewed for long, it is, or somebody else has it."""
        if self._since_renewed() > self._life * 2 / 3:
            self.renew()
        if self._lost is not None:
            raise LeaseLost(f"the lease was lost: {self._lost}", step="lease")

    def watch(self) -> None:
        """See Lease. Once nobody need wait for it any more, who cannot renew it has none."""
        try:
            self.renew()
        except CloudError as error:
            if self._since_renewed() > self._life:
                raise LeaseLost(
                    f"the lease could not be renewed for {self._life:g} s, and others may have it",
                    cause=str(error),
                    step="lease",
                    remediation=LeaseLost.unclaimed,
                ) from error
        else:
            self.check()

    def share(self) -> None:
        """See Lease."""
        self._belongings.share()

    def renew(self) -> None:
        """Say that its owner lives; what is lost stays lost.

        Raises:
            CloudError: The bucket was not reached, or refused.
        """
        with self._lock:
            if self._held is None or self._lost is not None:
                return
            began = _now()
            held = self._held.model_copy(update={"renewal": self._held.renewal + 1})
            tag = self._bucket.replace(self._key, held.line(), self._tag)
            if tag is None:
                self._lost = _told(self._bucket, self._key)
                return
            self._held, self._tag, self._renewed = held, tag, began

    def _since_renewed(self) -> float:
        """Seconds, by the clock that has gone further."""
        return max(a - b for a, b in zip(_now(), self._renewed, strict=True))


def holder(bucket: Bucket, key: str) -> Holding | None:
    """Who holds the lease now; None where nobody does."""
    there = bucket.get(key)
    held = holding(f"{bucket.name}/{key}", there.data) if there else Holding()
    return held if there and _lives(held, there.age) else None


def take_away(bucket: Bucket, key: str, held: Holding) -> None:
    """Free the lease that `held` is, however often it was renewed since.

    Raises:
        LeaseHeld: Another one has it by now.
    """
    there = bucket.get(key)
    now = holding(f"{bucket.name}/{key}", there.data) if there else Holding()
    if there is None or now.owner is None:
        return
    if now.mark != held.mark:
        raise LeaseHeld(str(now), step="lease")
    if bucket.replace(key, Holding(number=now.number).line(), there.tag) is None:
        take_away(bucket, key, held)


def _lives(held: Holding, age: float) -> bool:
    return held.owner is not None and (held.life is None or age <= held.life)


def _told(bucket: Bucket, key: str) -> str:
    """Who has what was ours."""
    with suppress(CloudError):
        held = holder(bucket, key)
        return str(held) if held else "somebody took it away with `autodeploy unlock`"
    return "somebody else has taken it"


def _now() -> tuple[float, float]:
    """Two clocks: one stands still while the machine sleeps, the other may be set back."""
    return time.monotonic(), time.time()
