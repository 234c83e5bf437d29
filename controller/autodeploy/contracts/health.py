"""What counts as a healthy answer."""

from __future__ import annotations

DECLARED_BELOW = 400
ANY_ANSWER_BELOW = 500


def health_below(health_path: str, highest: int | None = None) -> int:
    """The status from which on an answer is not healthy; 200 is the lowest that is.

    A health path must answer well; `/` need only show that the application answers itself.

    Args:
        health_path: What is asked.
        highest: The highest healthy status, where somebody says so.
    """
    if highest is not None:
        return highest + 1
    return ANY_ANSWER_BELOW if health_path == "/" else DECLARED_BELOW
