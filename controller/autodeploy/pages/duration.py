"""Seconds for people. Pure."""

from __future__ import annotations

MINUTE = 60
HOUR = 3600
TENTHS = 10


def duration(seconds: float) -> str:
    """`4.3 s`, `32 s`, `4 min 05 s`, `1 h 03 min`."""
    if seconds < TENTHS:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE:02} s"
    return f"{whole // HOUR} h {whole % HOUR // MINUTE:02} min"


def tick(seconds: float) -> str:
    """The same, as short as an axis wants it: `0`, `15 s`, `2 min`."""
    if seconds >= HOUR and seconds % HOUR == 0:
        return f"{seconds // HOUR:g} h"
    if seconds >= MINUTE and seconds % MINUTE == 0:
        return f"{seconds // MINUTE:g} min"
    return f"{seconds:g} s" if seconds else "0"
