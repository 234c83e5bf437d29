"""What an ecosystem finds: for each field of `TechStack` its candidates, the best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DECLARED = 1.0
DERIVED = 0.8
CONVENTION = 0.6
GUESSED = 0.4


@dataclass(frozen=True)
class Fact:
    """A value with its grounds.

    Attributes:
        value: The value, as it stands in `TechStack` and its evidence.
        file: Relative to the repository's root.
        line: Counted from 1; None where the whole file is meant.
        confidence: 0 to 1.
        meaning: What the value alone does not say: of a runtime version what it asks for, of a
            variable whether it must be there, of a folder the URL's path.
    """

    value: str
    file: str
    line: int | None = None
    confidence: float = DECLARED
    meaning: str | None = None


Candidates = Mapping[str, Sequence[Fact]]
