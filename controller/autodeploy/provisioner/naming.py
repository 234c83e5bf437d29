"""Which hosts there should be, by name. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import count

HOST = "host-"


def number_of(name: str) -> int:
    """The number in a host's name."""
    return int(name.removeprefix(HOST))


def host_names(wanted: int, standing: Iterable[str], taken: Iterable[str]) -> list[str]:
    """So many hosts' names, by number: those that stand, the lowest first, then new ones.

    A new name's number is odd or even so that hosts are spread over two zones, which go by that.

    Args:
        wanted: How many.
        standing: Names of hosts that are there and may stay.
        taken: Names of hosts that are there and leave.
    """
    names = sorted(standing, key=number_of)[:wanted]
    used = {*map(number_of, (*names, *taken))}
    parities = Counter(number_of(one) % 2 for one in names)
    while len(names) < wanted:
        parity = 1 if parities[1] <= parities[0] else 0
        free = next(one for one in count(1) if one % 2 == parity and one not in used)
        used.add(free)
        parities[parity] += 1
        names.append(f"{HOST}{free}")
    return sorted(names, key=number_of)
