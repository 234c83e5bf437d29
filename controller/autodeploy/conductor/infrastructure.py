"""Infrastructure in the making: in a thread of its own, its hosts handed over first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import Any

from autodeploy.contracts import InfrastructureSpec

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

    def whole(self, *others: Future[Any]) -> InfrastructureSpec:
        """The spec once everything can be used; where one of `others` fails first, its error."""
        done, _ = wait({self._whole, *others}, return_when=FIRST_EXCEPTION)
        for each in done:
            each.result()
        return self._whole.result()

    def give_up(self) -> None:
        """Begin nothing more, and wait for nothing more."""
        self._stop.set()
