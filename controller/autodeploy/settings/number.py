"""Numbers as people write them in YAML, on command lines and in variables."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticKnownError

DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")


def _no_truth(value: Any) -> Any:
    """YAML's `yes` is no 1."""
    if isinstance(value, bool):
        raise ValueError("must be a whole number, not true or false")
    return value


def decimal(value: Any) -> Any:
    """Python reads `1_000`, `1e-400` and other alphabets' digits as well: people would not."""
    if isinstance(value, bool):
        raise ValueError("must be a number, not true or false")
    if isinstance(value, str) and not DECIMAL.fullmatch(value):
        raise PydanticKnownError("float_parsing")
    return value


Number = Annotated[int, BeforeValidator(_no_truth)]
Amount = Annotated[float, BeforeValidator(decimal)]
