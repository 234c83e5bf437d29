"""Count seconds into the journal until told to stop, and finish the second that has begun."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType


def main() -> None:
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    word = os.environ.get("WORD", "tick")
    count = 0
    while not stop.wait(1):
        count += 1
        print(f"{word} {count}", flush=True)
    print(f"stopped in order after {count}", flush=True)


if __name__ == "__main__":
    main()
