"""Bounded waiting: growing pauses, and an error that says what was waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from tenacity import (
    RetryCallState,
    RetryError,
    Retrying,
    retry_if_exception,
    retry_if_result,
    stop_after_delay,
    stop_when_event_set,
    wait_exponential,
    wait_random,
)
from tenacity.nap import sleep_using_event

from autodeploy import stopping
from autodeploy.errors import Interrupted, ResourceFailed

T = TypeVar("T")
PAUSES = wait_exponential(multiplier=0.1, exp_base=1.2, max=5) + wait_random(0, 0.1)
"""A fifth of the time that has passed, so that no wait is much longer than what it waits for."""
SHORTEST_SECONDS = 0.1
PROGRESS_SECONDS = 30


class Patience:
    """Waits that end when their limit is reached, or at once when `stop` is set.

    Attributes:
        stop: Set where the work is given up.
        tell: Hears every half a minute what is waited for.
        pace: How long things take, AWS's time being 1.
    """

    def __init__(
        self,
        stop: threading.Event | None = None,
        tell: Callable[[str], None] = lambda _: None,
        pace: float = 1,
    ) -> None:
        self.stop = stop or threading.Event()
        self.tell = tell
        self.pace = pace

    def until(
        self, condition: Callable[[], bool], *, seconds: float, what: str, usual: float = 5
    ) -> None:
        """Ask until the condition holds: for the first time after a quarter of the `usual` time.

        Args:
            condition: Whether it holds; each time costs a call.
            seconds: How long to ask at most.
            what: What is waited for, for people.
            usual: Seconds until it holds on AWS, as a rule.

        Raises:
            ResourceFailed: It did not within `seconds`.
            Interrupted: The work was given up meanwhile.
        """
        begun = time.monotonic()

        def following(_: RetryCallState) -> float:
            return pause(time.monotonic() - begun, usual * self.pace)

        retrying = Retrying(
            stop=stop_after_delay(seconds) | stop_when_event_set(self.stop),
            sleep=sleep_using_event(self.stop),
            wait=following,
            retry=retry_if_result(lambda held: not held),
            before_sleep=_progress(self.tell, what),
        )
        try:
            self.stop.wait(pause(0, usual * self.pace))
            retrying(condition)
        except RetryError:
            self.check()
            message = f"waited {seconds:g} s in vain for {what}"
            raise ResourceFailed(message, remediation="Deploy again: it goes on waiting.") from None

    def persist(
        self,
        call: Callable[[], T],
        *,
        seconds: float,
        on: Callable[[BaseException], bool],
        what: str,
    ) -> T:
        """Make the call again while it raises what `on` accepts; after `seconds` that is raised."""
        retrying = Retrying(
            stop=stop_after_delay(seconds) | stop_when_event_set(self.stop),
            sleep=sleep_using_event(self.stop),
            wait=PAUSES,
            retry=retry_if_exception(on),
            before_sleep=_progress(self.tell, what),
            reraise=True,
        )
        return retrying(call)

    def check(self) -> None:
        """Go no further where the work was given up.

        Raises:
            Interrupted: It was.
        """
        stopping.check()
        if self.stop.is_set():
            raise Interrupted("given up, for another part has failed")


def pause(waited: float, usual: float) -> float:
    """Seconds until it is worth asking again: few questions, and an answer at most 1/8 late.

    Args:
        waited: Seconds since the beginning.
        usual: Seconds that it takes as a rule; until then it is asked at 1/4, 1/2 and 1 of it.
    """
    if waited < usual:
        return min(max(waited, usual / 4), usual - waited)
    return max(waited / 8, SHORTEST_SECONDS)


def _progress(tell: Callable[[str], None], what: str) -> Callable[[RetryCallState], None]:
    begun = told = time.monotonic()

    def say(_: RetryCallState) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= PROGRESS_SECONDS:
            told = now
            tell(f"waiting for {what} since {now - begun:.0f} s")

    return say
