"""Which targets are registered in one target group, and which are on their way out."""

from __future__ import annotations

from dataclasses import dataclass, field

# An instance's identifier or an address, and the port.
Key = tuple[str, int]


@dataclass
class Registry:
    """The targets of one group; times are those of the monotonic clock.

    Attributes:
        active: Those that are registered, in the order in which they were.
        leaving: Until when those that are deregistered may end what they are doing.
    """

    active: dict[Key, None] = field(default_factory=dict)
    leaving: dict[Key, float] = field(default_factory=dict)

    def register(self, key: Key) -> None:
        """Add a target, or take its deregistration back."""
        self.leaving.pop(key, None)
        self.active.setdefault(key)

    def deregister(self, key: Key, until: float) -> bool:
        """Begin to take a target out; whether it was in."""
        if key not in self.active:
            return False
        del self.active[key]
        self.leaving[key] = until
        return True

    def forget(self, target_id: str) -> None:
        """Take out all of a machine that does not exist any more; there is nothing to wait for."""
        for known in (self.active, self.leaving):
            for key in [one for one in known if one[0] == target_id]:
                del known[key]

    def draining(self, now: float) -> list[Key]:
        """Those that are still on their way out."""
        self.leaving = {key: until for key, until in self.leaving.items() if until > now}
        return list(self.leaving)
