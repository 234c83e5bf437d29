"""Text of a repository on a terminal: what would steer the terminal is shown, not obeyed."""

from __future__ import annotations

import unicodedata

KEPT = frozenset("\n\t")
STEERING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def printable(text: str) -> str:
    """The text with control characters, marks of direction and halves of pairs replaced."""
    return "".join(
        "\ufffd" if one not in KEPT and unicodedata.category(one) in STEERING else one
        for one in text
    )
