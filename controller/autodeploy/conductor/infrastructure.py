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
    """What `make` makes meanwhile."""

    def __init__(self, pool: ThreadPoolExecutor, make: Make) -> None:
        """Begin.

        Args:
            pool: Where there is a thread for it.
            make: Makes it; calls the first argument once the hosts run, and ends early when the
                event is set.
        """
        self._stop = threading.Event()
        self._hosts: Future[InfrastructureSpec] = Future()
        self._whole = pool.submit(make, self._hosts.set_result, self._stop)

    def hosts(self) -> InfrastructureSpec:
        """The spec once all hosts run; what takes longer is not in it yet."""
        wait({self._hosts, self._whole}, return_when=FIRST_COMPLETED)
        return self._hosts.result() if self._hosts.done() else self._whole.result()

    def meanwhile(self, other: Future[T]) -> T:
        """The result of what goes on beside; where the infrastructure fails first, its error."""
        both: set[Future[Any]] = {self._whole, other}
        done, _ = wait(both, return_when=FIRST_COMPLETED)
        if self._whole in done:
            self._whole.result()
        return other.result()

    def whole(self) -> InfrastructureSpec:
        """The spec once everything can be used."""
        return self._whole.result()

    def give_up(self) -> None:
        """Begin nothing more, and wait for nothing more."""
        self._stop.set()
