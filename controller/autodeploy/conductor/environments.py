"""How long environments are wanted: each deployment says it anew. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from autodeploy.conductor.sharing import VPC
from autodeploy.contracts import ApplicationState

UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Expiry:
    """Until when an environment is wanted.

    Attributes:
        until: UTC.
        ttl: What was said: `3d` from the newest deployment on.
    """

    until: datetime
    ttl: str


def expiry(known: ApplicationState) -> Expiry | None:
    """Until when it is wanted; None for one that stays until it is destroyed.

    A deployment that fails prolongs it too: somebody works on it.
    """
    runs = [one for one in (known.last, known.change, known.live) if one]
    # One that could not read its repository has said nothing.
    read = [one for one in runs if one.operation == "deploy" and one.stack]
    newest = max(read, key=lambda one: one.id, default=None)
    ttl = newest.settings.get("ttl") if newest else None
    if newest is None or not ttl:
        return None
    span = timedelta(**{UNITS[ttl[-1]]: int(ttl[:-1])})
    return Expiry(until=newest.created_at + span, ttl=ttl)


def overdue(known: Iterable[ApplicationState], now: datetime) -> list[ApplicationState]:
    """Those that are past their time and have something, in an order in which they can go.

    Guests of another's network go before it.
    """
    late = [
        one
        for one in known
        if (found := expiry(one)) and found.until < now and (one.resources or one.occupied)
    ]
    return sorted(late, key=lambda one: any(each.type == VPC for each in one.resources))
