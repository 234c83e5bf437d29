"""What the Sheriff did and saw, in lists that end. Pure."""

from __future__ import annotations

from autodeploy.contracts import SecurityConfig
from autodeploy.pages.model import Safety

MOST = 300


def safety(found: SecurityConfig | None) -> Safety | None:
    """Its answer; None where there is none."""
    if found is None:
        return None
    return Safety(
        is_hardened=found.hardened,
        findings=found.findings[:MOST],
        verified=_first(found.verified),
        changed=_first(found.changed),
        not_verified=_first(found.not_verified),
    )


def _first(some: tuple[str, ...]) -> tuple[str, ...]:
    more = (f"and {len(some) - MOST} more",) if len(some) > MOST else ()
    return (*some[:MOST], *more)
