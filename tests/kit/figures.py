"""What a bench prints: measurements, each with its bound."""

from __future__ import annotations

from typing import NamedTuple


class Figure(NamedTuple):
    """One measurement and what it may be at most."""

    name: str
    value: float
    bound: float
    unit: str = ""

    @property
    def is_missed(self) -> bool:
        return self.value > self.bound

    def __str__(self) -> str:
        verdict = "TOO MUCH" if self.is_missed else "ok"
        return f"{self.name:<46} {self.value:8.2f} {self.unit:<3} <= {self.bound:g}  {verdict}"
