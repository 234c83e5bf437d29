"""Ctrl-C: the first time what runs comes to its next safe point, the second time it ends at once.

The same for SIGTERM, which CI systems send. SIGHUP, with which a terminal is closed, is only ever
the first time. So does what has lost the right to go on, and that also where Ctrl-C would be left
unheard.

A safe point is where nothing is half done anywhere: between two calls to AWS, between two tasks on
the hosts. There is one per process, as there is one terminal.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from types import FrameType

from autodeploy.errors import Interrupted

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SAID = b"\nStopping once the step that runs has ended. Ctrl-C again stops at once.\n"
asked = threading.Event()
"""Set once the user has asked, or the right to go on is lost."""
_lost: list[Exception] = []
_guards: list[Callable[[], None]] = []
_hearers: list[Callable[[], object]] = []
_uninterrupted: list[None] = []
_final: list[None] = []
_unguarded: ContextVar[bool] = ContextVar("unguarded", default=False)


def is_asked() -> bool:
    """Whether to stop here."""
    return bool(_lost) or (asked.is_set() and not _uninterrupted)


def is_final() -> bool:
    """Whether nothing more is to be begun after what ran last.

    It was to end at once, or has lost the right to go on.
    """
    return bool(_final)


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
        Exception: What `lose` was told.
    """
    if _lost:
        raise _lost[0]
    if is_asked():
        raise Interrupted("stopped by the user")


def lose(error: Exception) -> None:
    """Have what runs end at its next safe point with this error: it has no right to go on."""
    _lost.append(error)
    _final.append(None)
    _ask()


def ask() -> None:
    """Stop at the next safe point, as the first Ctrl-C does; for whoever has no terminal."""
    _ask()


def lost() -> Exception | None:
    """Why there is no right to go on; None where there is."""
    return _lost[0] if _lost else None


def guard() -> None:
    """Stand before what changes anything outside.

    Raises:
        Exception: There is no right to it, by `lose` or by what `guarded` was given.
    """
    if _unguarded.get():
        return
    if _lost:
        raise _lost[0]
    for one in tuple(_guards):
        one()


@contextmanager
def guarded(check: Callable[[], None]) -> Iterator[None]:
    """Inside nothing outside is changed once `check` raises."""
    _guards.append(check)
    try:
        yield
    finally:
        _guards.remove(check)


@contextmanager
def unguarded() -> Iterator[None]:
    """Inside, in this thread, what we have opened or taken away is put back, whoever has the right.

    Nobody else knows of it, so nobody else would.
    """
    before = _unguarded.set(True)
    try:
        yield
    finally:
        _unguarded.reset(before)


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
    """Inside, these signals do as is said above; outside, and in other threads, as ever."""
    before = {}
    if threading.current_thread() is threading.main_thread():
        _final.clear()
        before = {one: signal.getsignal(one) for one in SIGNALS}
    # `nohup` wants the last one ignored.
    ours = {one: handler for one, handler in before.items() if handler is not signal.SIG_IGN}
    for one in ours:
        signal.signal(one, _first)
    try:
        yield
    finally:
        for one, handler in ours.items():
            signal.signal(one, handler)
        asked.clear()
        _lost.clear()


def _first(_signal: int, _frame: FrameType | None) -> None:
    for one in SIGNALS:
        if signal.getsignal(one) is _first:
            signal.signal(one, _again if one is signal.SIGHUP else _second)
    with suppress(OSError):  # The terminal may be closed.
        os.write(2, SAID)
    # What this interrupts may hold the very lock that setting an event takes: in a thread it waits.
    threading.Thread(target=_ask, daemon=True).start()


def _second(_signal: int, _frame: FrameType | None) -> None:
    _final.append(None)
    raise KeyboardInterrupt


def _again(_signal: int, _frame: FrameType | None) -> None:
    """A terminal that is closed says so twice, by its shell and by the kernel: it is no hurry.

    Not `SIG_IGN`, which what is started then would inherit.
    """


def _ask() -> None:
    asked.set()
    for call in tuple(_hearers):
        call()
