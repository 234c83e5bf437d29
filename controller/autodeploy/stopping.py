"""Ctrl-C: the first time what runs comes to its next safe point, the second time it ends at once.

A safe point is where nothing is half done anywhere: between two calls to AWS, between two tasks on
the hosts. There is one per process, as there is one terminal.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from autodeploy.errors import Interrupted

SAID = b"\nStopping once the step that runs has ended. Ctrl-C again stops at once.\n"
asked = threading.Event()
"""Set once the user has asked."""
_hearers: list[Callable[[], object]] = []
_uninterrupted: list[None] = []


def is_asked() -> bool:
    """Whether to stop here."""
    return asked.is_set() and not _uninterrupted


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Inside there is no safe point: what goes back, or has all behind it, comes to its end."""
    _uninterrupted.append(None)
    try:
        yield
    finally:
        _uninterrupted.pop()


def check() -> None:
    """A safe point.

    Raises:
        Interrupted: The user has asked to stop.
    """
    if is_asked():
        raise Interrupted("stopped by the user")


@contextmanager
def heard(call: Callable[[], object]) -> Iterator[None]:
    """Have something called, in another thread, when the user asks to stop meanwhile."""
    _hearers.append(call)
    try:
        yield
    finally:
        _hearers.remove(call)


@contextmanager
def at_safe_points() -> Iterator[None]:
    """Inside, Ctrl-C does as is said above; outside, and in other threads, as ever."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, _first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        asked.clear()


def _first(_signal: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.write(2, SAID)
    # What this interrupts may hold the very lock that setting an event takes: in a thread it waits.
    threading.Thread(target=_ask, daemon=True).start()


def _ask() -> None:
    asked.set()
    for call in tuple(_hearers):
        call()
