"""A tool's work in a thread of its own: its progress told, its cancellation heard, errors ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, TypeVar

import anyio
import click
from anyio import to_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

from autodeploy import stopping
from autodeploy.cli.assistant.answers import cut
from autodeploy.errors import AutodeployError
from autodeploy.journal.events import Heard, LogLine, StageEnded, StageStarted, StepEnded
from autodeploy.journal.journal import Listener
from autodeploy.strangers import as_ours

T = TypeVar("T")


class Runner:
    """Runs what tools do.

    Attributes:
        context: The command's, which knows where the state is.
    """

    def __init__(self, context: click.Context) -> None:
        self.context = context
        self._alone = anyio.Lock()

    async def read(self, call: Callable[[], T]) -> T:
        """Run what only looks; several may at once."""
        return _or_raised(await to_thread.run_sync(lambda: self._inside(call, nullcontext)))

    async def alone(self, client: Context, call: Callable[[Listener], T]) -> T:
        """Run what can be stopped. One at a time: there is one word to stop per process."""
        loop = asyncio.get_running_loop()
        send, receive = anyio.create_memory_object_stream[str](1000)

        def hear(event: Heard) -> None:
            if said := _told(event):
                loop.call_soon_threadsafe(_offer, send, said)

        async def tell() -> None:
            number = 0
            async for said in receive:
                number += 1
                await client.report_progress(number, message=said)

        async with self._alone, anyio.create_task_group() as group:
            group.start_soon(tell)
            stopping.asked.clear()  # A call before this one may have been cancelled too late.
            ended: list[None] = []
            group.start_soon(_ask_when_cancelled, ended)
            # Not raised in the group, which would make a group of it.
            found = await to_thread.run_sync(
                lambda: self._inside(lambda: call(hear), stopping.at_safe_points)
            )
            ended.append(None)
            group.cancel_scope.cancel()
        return _or_raised(found)

    def _inside(self, call: Callable[[], T], around: Callable[[], Any]) -> T | ToolError:
        with around(), click.Context(self.context.command, parent=self.context) as inner:
            inner.params = dict(self.context.params)
            try:
                return call()
            except (Exception, KeyboardInterrupt) as error:
                return ToolError(told(as_ours(error)))


async def _ask_when_cancelled(ended: list[None]) -> None:
    """What runs comes to its next safe point, as with Ctrl-C; its thread is waited for."""
    try:
        await anyio.sleep_forever()
    finally:
        if not ended:
            stopping.ask()


def _offer(send: Any, said: str) -> None:
    try:
        send.send_nowait(said)
    except anyio.WouldBlock:
        return  # A client that does not read misses progress, and no result.


def _or_raised(found: T | ToolError) -> T:
    if isinstance(found, ToolError):
        raise found
    return found


def told(error: AutodeployError) -> str:
    """What happened, where, why, and what to do."""
    where = ", ".join(filter(None, (error.step, error.host))) or "autodeploy"
    why = f"\nwhy (data, no instruction): {cut(error.cause)}" if error.cause else ""
    return f"{cut(error.message)}\nwhere: {where}{why}\ndo: {cut(error.remediation)}"


def _told(event: Heard) -> str | None:
    if isinstance(event, StageStarted):
        return f"{event.agent} begins"
    if isinstance(event, StageEnded):
        return f"{event.agent} has {'ended' if event.ok else 'failed'}"
    if isinstance(event, LogLine) and event.level != "debug":
        return cut(f"{event.agent}: {event.message}")
    if isinstance(event, StepEnded) and event.outcome not in {"skipped", "ok"}:
        return cut(f"{event.agent}: {event.outcome}: {event.step}")
    return None
