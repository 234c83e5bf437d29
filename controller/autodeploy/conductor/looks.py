"""One look at an application as its users see it, bounded by seconds."""

from __future__ import annotations

import http.client
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autodeploy import deployer
from autodeploy.contracts import ApplicationState

AT_ONCE = 16


@dataclass(frozen=True)
class Look:
    """What was seen.

    Attributes:
        health: `healthy` where the live release answers well at its address, else `no good
            answer`; None where no client reaches it.
        certificate_days: Whole days that its certificate is still good; None without one.
    """

    health: str | None = None
    certificate_days: int | None = None


def looks(asked: Iterable[tuple[ApplicationState, Path | None]]) -> list[Look]:
    """A look at each, all at once; none takes longer than some seconds.

    Args:
        asked: Each with the file of an authority of its target's own, as in `Outside`.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda one: _look(*one), asked))


def _look(known: ApplicationState, authority: Path | None) -> Look:
    running = known.live.deployment if known.live else None
    if running is None or running.url is None:
        return Look()
    outside = deployer.Outside(running.url, running.front, authority)
    health = "healthy" if deployer.is_live(outside, running) else "no good answer"
    return Look(health, _days(outside))


def _days(outside: deployer.Outside) -> int | None:
    try:
        end = outside.certificate_end()
    except (OSError, http.client.HTTPException):
        return None
    return (end - datetime.now(UTC)).days if end else None
