"""The public addresses of the lab."""

from __future__ import annotations

import itertools
import threading
from ipaddress import IPv4Address, IPv4Network

from autodeploy.errors import LabBroken


class Addresses:
    """The addresses of a range but the first, each given out once at a time.

    They go round, so that a new host does not get the address of one that has just ended: some
    client may still remember that one's key.
    """

    def __init__(self, cidr: IPv4Network) -> None:
        self._count = cidr.num_addresses - 3
        self._first = cidr[2]
        self._order = itertools.cycle(range(self._count))
        self._taken: set[IPv4Address] = set()
        self._lock = threading.Lock()

    def take(self) -> IPv4Address:
        """An address that nobody has.

        Raises:
            LabBroken: There is none left.
        """
        with self._lock:
            for offset in itertools.islice(self._order, self._count):
                address = self._first + offset
                if address not in self._taken:
                    self._taken.add(address)
                    return address
        raise LabBroken("the lab has no address left", remediation="Terminate some instances.")

    def give_back(self, address: IPv4Address | None) -> None:
        """Let an address be given out again."""
        with self._lock:
            self._taken -= {address} if address else set()
