"""Whole numbers as people write them in YAML."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator


def _no_truth(value: Any) -> Any:
    """YAML's `yes` is no 1."""
    if isinstance(value, bool):
        raise ValueError("must be a whole number, not true or false")
    return value


Number = Annotated[int, BeforeValidator(_no_truth)]
