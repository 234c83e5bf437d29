"""What faults have done, counted."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Tally:
    """What the faults of a test have done.

    Attributes:
        tried: How many faults.
        lost: What should be there, or is in the state, and is not.
        orphaned: What is there and in no state.
        doubled: What is there more often than it should be.
        wrong: What else is not as it should be.
    """

    tried: int = 0
    lost: list[str] = field(default_factory=list)
    orphaned: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def bad(self) -> list[str]:
        """All that must not be."""
        return [*self.lost, *self.orphaned, *self.doubled, *self.wrong]

    def __str__(self) -> str:
        found = {"lost": self.lost, "orphaned": self.orphaned, "doubled": self.doubled}
        counts = ", ".join(f"{len(what)} {how}" for how, what in found.items())
        return f"{self.tried} faults tried: {counts}, {len(self.wrong)} otherwise wrong"
