"""Taking away everything that the API knows."""

from __future__ import annotations

from moto.core.base_backend import BackendDict


def forget() -> None:
    """Empty every account."""
    BackendDict.reset()
