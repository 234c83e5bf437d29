"""Several hosts' logs as one, in the order of time."""

from __future__ import annotations

import heapq
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
HOLD_SECONDS = 0.5
"""So long a line waits for an earlier one of another host, where there is no end to wait for."""
MOST_HELD = 10_000
Failed = Callable[[Exception], None]
"""Told of a stream that ended in an error; the others go on."""


class _End:
    """A stream's end."""


def in_order(
    streams: Sequence[Iterator[T]], key: Callable[[T], Any], failed: Failed
) -> Iterator[T]:
    """All that streams give which come to an end, each of them in order already, in one order."""
    return heapq.merge(*(_telling(one, failed) for one in streams), key=key)


def as_it_comes(
    streams: Sequence[Iterator[T]],
    key: Callable[[T], Any],
    failed: Failed,
    hold: float = HOLD_SECONDS,
) -> Iterator[T]:
    """The same of streams without an end: in order, as far as nothing comes later than `hold`.

    Args:
        streams: Each is read by a thread of its own.
        key: What is ordered by.
        failed: As above.
        hold: Seconds that a line waits for one of a stream that gives nothing.
    """
    heard: queue.Queue[tuple[int, T | _End]] = queue.Queue(MOST_HELD)
    for number, one in enumerate(streams):
        given = (number, _telling(one, failed), heard)
        threading.Thread(target=_read, args=given, daemon=True).start()
    waiting = dict.fromkeys(range(len(streams)), 0)
    heap: list[tuple[Any, int, int, float, T]] = []
    count = 0
    while waiting or heap:
        while heap and (all(waiting.values()) or time.monotonic() - heap[0][3] >= hold):
            _key, _count, number, _at, item = heapq.heappop(heap)
            if number in waiting:
                waiting[number] -= 1
            yield item
        if not waiting:
            continue
        pause = max(0.0, heap[0][3] + hold - time.monotonic()) if heap else None
        try:
            number, said = heard.get(timeout=pause)
        except queue.Empty:
            continue
        if isinstance(said, _End):
            del waiting[number]
            continue
        count += 1
        waiting[number] += 1
        heapq.heappush(heap, (key(said), count, number, time.monotonic(), said))


def _telling(stream: Iterator[T], failed: Failed) -> Iterator[T]:
    try:
        yield from stream
    except Exception as error:
        failed(error)


def _read(number: int, stream: Iterator[T], heard: queue.Queue[tuple[int, T | _End]]) -> None:
    for one in stream:
        heard.put((number, one))
    heard.put((number, _End()))
