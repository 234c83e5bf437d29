"""Bounded waiting: growing pauses with jitter, and an error that says what was waited for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tenacity import (
    RetryError,
    Retrying,
    retry_if_exception,
    retry_if_result,
    stop_after_delay,
    wait_exponential,
    wait_random,
)

from autodeploy.errors import ResourceFailed

T = TypeVar("T")
PAUSES = wait_exponential(multiplier=0.1, max=5) + wait_random(0, 0.1)


def until(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Ask until the condition holds.

    Raises:
        ResourceFailed: It did not within `seconds`.
    """
    stop = stop_after_delay(seconds)
    try:
        Retrying(stop=stop, wait=PAUSES, retry=retry_if_result(lambda held: not held))(condition)
    except RetryError:
        message = f"waited {seconds:g} s in vain for {what}"
        raise ResourceFailed(message, remediation="Deploy again: it goes on waiting.") from None


def persist(call: Callable[[], T], *, seconds: float, on: Callable[[BaseException], bool]) -> T:
    """Make the call again while it raises what `on` accepts; after `seconds` that is raised."""
    retry = retry_if_exception(on)
    return Retrying(stop=stop_after_delay(seconds), wait=PAUSES, retry=retry, reraise=True)(call)
