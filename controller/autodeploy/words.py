"""How numbers, and names with numbers, stand in what people read. Pure."""

from __future__ import annotations

import re

PARTS = re.compile(r"([^0-9]*)([0-9]{0,18})")


def number_of(count: int, what: str) -> str:
    """So many of something: `1 secret`, `2 secrets`."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def natural(name: str) -> list[tuple[str, int]]:
    """What to sort names by, so that host-2 comes before host-10."""
    return [(text, int(digits or -1)) for text, digits in PARTS.findall(name)]
