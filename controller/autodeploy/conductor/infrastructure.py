"""Infrastructure in the making: in a thread of its own, its hosts handed over first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from autodeploy.contracts import InfrastructureSpec

T = TypeVar("T")
OnHosts = Callable[[InfrastructureSpec], None]
Make = Callable[[OnHosts, threading.Event], InfrastructureSpec]


class Infrastructure:
    """What `make` makes meanwhile.

    Attributes:
        whole: The spec once everything can be used.
    """

    def __init__(self, pool: ThreadPoolExecutor, make: Make) -> None:
        """Begin.

        Args:
            pool: Where there is a thread for it.
            make: Makes it; calls the first argument once the hosts run, and ends early when the
                event is set.
        """
        self._stop = threading.Event()
        self._hosts: Future[InfrastructureSpec] = Future()
        self.whole = pool.submit(make, self._hosts.set_result, self._stop)

    def hosts(self) -> InfrastructureSpec:
        """The spec once all hosts run; what takes longer is not in it yet."""
        wait({self._hosts, self.whole}, return_when=FIRST_COMPLETED)
        return self._hosts.result() if self._hosts.done() else self.whole.result()

    def meanwhile(self, awaited: Future[T], *beside: Future[Any]) -> T:
        """The result of what goes on beside; where anything else fails first, its error."""
        pending: set[Future[Any]] = {self.whole, awaited, *beside}
        while not awaited.done():
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for one in done - {awaited}:
                one.result()
        return awaited.result()

    def give_up(self) -> None:
        """Begin nothing more, and wait for nothing more."""
        self._stop.set()
