"""A deployment as it goes on: server-sent events, each with what is new and its number."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from autodeploy.pages import Live, site

EVERY_SECONDS = 1.0
REST = 9
"""So many times as long as it has read it waits: a long log, or a slow S3, is read less often."""
MOST_STREAMS = 16
OVER = "event: over\ndata: {}\n\n"
News = Callable[[int], tuple[Live, bool]]
"""What is new after an event of this number, and whether more will come."""


class Stream(StreamingResponse):
    """The answer; it has a slot for as long as it is sent."""

    media_type = "text/event-stream"

    def __init__(self, news: News, after: int, slots: asyncio.Semaphore) -> None:
        super().__init__(_told(news, after))
        self._slots = slots

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        async with self._slots:
            await super().__call__(scope, receive, send)


async def _told(news: News, after: int) -> AsyncIterator[str]:
    """Again and again what is new, if only how long it takes; the last says that it is over."""
    runs = True
    while runs:
        began = time.monotonic()
        try:
            live, runs = await run_in_threadpool(news, after)
        except Exception:  # The page is loaded again then, and says what is wrong.
            break
        after = live.seq
        yield f"id: {after}\nevent: progress\ndata: {json.dumps(site.data(live))}\n\n"
        if runs:
            await asyncio.sleep(pause(time.monotonic() - began))
    yield OVER


def pause(took: float) -> float:
    """How many seconds to wait after a read that took so many."""
    return max(EVERY_SECONDS, took * REST)


def number(said: str) -> int:
    """The number of an event that a browser names; 0 where it is none."""
    return int(said) if re.fullmatch("[0-9]{1,15}", said) else 0
