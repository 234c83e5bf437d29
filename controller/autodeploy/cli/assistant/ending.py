"""Who ends the server by a signal is heard as a client that closes stdin: there is one way out.

The SDK reads stdin in a thread, which no signal wakes: without this a SIGTERM waits for its end.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress

from autodeploy.stopping import SIGNALS


def hear() -> None:
    """From now on stdin ends when the client's does, and with a signal."""
    theirs, (ours, feed) = os.dup(0), os.pipe()
    os.dup2(ours, 0)
    os.close(ours)
    threading.Thread(target=_pump, args=(theirs, feed), daemon=True).start()
    for number in SIGNALS:
        # `nohup` wants one ignored.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda _number, _frame: _end(feed))


def _pump(theirs: int, feed: int) -> None:
    with suppress(OSError):  # Nobody reads any more.
        while read := os.read(theirs, 65536):
            while read:
                read = read[os.write(feed, read) :]
    _end(feed)


def _end(feed: int) -> None:
    """Close it without its number becoming another file's, into which the pump would write."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, feed, inheritable=False)
    os.close(nowhere)
