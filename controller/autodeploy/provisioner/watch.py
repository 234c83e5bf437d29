"""One look serves all that wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autodeploy.provisioner.kinds.base import Found


class Watch:
    """Looks at resources of which several are waited for at once. Safe to use from threads."""

    def __init__(self, read: Callable[[], Iterable[Found]]) -> None:
        """`read` looks at all of them."""
        self._read = read
        self._lock = threading.Lock()
        self._looks = 0
        self._found: Mapping[str, Found] = {}

    def follow(self, identifier: str) -> Callable[[], Found | None]:
        """Gives what tells, at each call, how the resource was at a later look than before.

        Somebody else's look is as good. None means that AWS does not know it (yet).
        """
        seen = self._looks

        def latest() -> Found | None:
            nonlocal seen
            with self._lock:
                if seen == self._looks:
                    self._found = {one.id: one for one in self._read()}
                    self._looks += 1
                seen = self._looks
                return self._found.get(identifier)

        return latest
