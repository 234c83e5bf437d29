"""One look serves all that wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


class Watch(Generic[T]):
    """Looks at resources of which several are waited for at once. Safe to use from threads."""

    def __init__(self, read: Callable[[], Mapping[str, T]]) -> None:
        """`read` looks at all of them, by their identifiers."""
        self._read = read
        self._lock = threading.Lock()
        self._looks = 0
        self._found: Mapping[str, T] = {}

    def follow(self, identifier: str) -> Callable[[], T | None]:
        """Gives what tells, at each call, how the resource was at a later look than before.

        Somebody else's look is as good. None means that AWS does not know it (yet).
        """
        with self._lock:  # a look that is under way is none that comes later
            seen = self._looks

        def latest() -> T | None:
            nonlocal seen
            with self._lock:
                if seen == self._looks:
                    self._found = self._read()
                    self._looks += 1
                seen = self._looks
                return self._found.get(identifier)

        return latest
