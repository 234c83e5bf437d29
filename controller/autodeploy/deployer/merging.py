"""Several hosts' logs as one, in the order of time."""

from __future__ import annotations

import heapq
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
HOLD_SECONDS = 0.5
"""So long a line waits for an earlier one of another host, where there is no end to wait for."""


class _End:
    """A stream's end: the error that ended it, or None."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error


def merged(
    streams: Sequence[Iterator[T]],
    key: Callable[[T], object],
    *,
    hold: float | None,
    failed: Callable[[Exception], None],
) -> Iterator[T]:
    """All that streams give, each of them in order already, in one order.

    Args:
        streams: Each is read by a thread of its own.
        key: What is ordered by.
        hold: Seconds to wait for a stream that gives nothing; None waits for every one, so that
            the order is exact.
        failed: Told of a stream that ended in an error; the others go on.
    """
    heard: queue.Queue[tuple[int, T | _End]] = queue.Queue()
    for number, one in enumerate(streams):
        threading.Thread(target=_read, args=(number, one, heard), daemon=True).start()
    waiting = dict.fromkeys(range(len(streams)), 0)
    heap: list[tuple[object, int, int, float, T]] = []
    count = 0
    while waiting or heap:
        while heap and _is_due(heap[0][3], waiting, hold):
            _key, _count, number, _at, item = heapq.heappop(heap)
            if number in waiting:
                waiting[number] -= 1
            yield item
        if not waiting:
            continue
        try:
            number, said = heard.get(timeout=_pause(heap, hold))
        except queue.Empty:
            continue
        if isinstance(said, _End):
            del waiting[number]
            if said.error:
                failed(said.error)
            continue
        count += 1
        waiting[number] += 1
        heapq.heappush(heap, (key(said), count, number, time.monotonic(), said))


def _read(number: int, stream: Iterator[T], heard: queue.Queue[tuple[int, T | _End]]) -> None:
    try:
        for one in stream:
            heard.put((number, one))
    except Exception as error:
        heard.put((number, _End(error)))
    else:
        heard.put((number, _End(None)))


def _is_due(arrived: float, waiting: dict[int, int], hold: float | None) -> bool:
    """Whether the first in the heap can be given: nobody can come before it, or it has waited."""
    if all(waiting.values()):
        return True
    return hold is not None and time.monotonic() - arrived >= hold


def _pause(heap: Sequence[tuple[object, int, int, float, T]], hold: float | None) -> float | None:
    if hold is None or not heap:
        return None
    return max(0.0, heap[0][3] + hold - time.monotonic())
