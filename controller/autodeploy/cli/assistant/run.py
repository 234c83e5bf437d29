"""A tool's work, seen from the server: in a process of its own, told to stop and waited for.

A client that ends us kills our process group seconds after it has closed our stdin, and a step on
a host may take longer: what works is in a session of its own, and stops for itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import IO, Any, TypeVar, cast

import anyio
import click
from anyio import to_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

from autodeploy.cli import options
from autodeploy.cli.assistant.answers import Answer

A = TypeVar("A", bound=Answer)
AT_ONCE = 8
"""How many work at a time; further calls wait."""


class Runner:
    """Has work done.

    Attributes:
        command: The command line of a process that works, where our own state is.
    """

    def __init__(self, context: click.Context) -> None:
        said = {
            "--state": context.meta.get(options.STATE),
            "--profile": context.params.get("profile"),
        }
        given = [word for name, value in said.items() if value for word in (name, value)]
        debug = ["--debug"] if context.find_root().obj else []
        self.command = [sys.executable, "-m", "autodeploy", *debug, "mcp", *given, "work"]
        self._room = anyio.Semaphore(AT_ONCE)

    async def answer(self, client: Context, answer: type[A], work: str, **arguments: Any) -> A:
        """What a function of `work` answers to the arguments; its progress is told the client.

        Raises:
            ToolError: It could not be done; says what to do.
        """
        order = json.dumps({"work": work, "arguments": arguments})
        async with self._room:
            process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
            stdin, stdout = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
            try:
                stdin.write(f"{order}\n".encode())
                stdin.flush()
                return answer.model_validate(await _heard(stdout, client))
            finally:
                stdin.close()  # Whatever it does is to stop.
                with anyio.CancelScope(shield=True):
                    await to_thread.run_sync(process.wait)
                stdout.close()


async def _heard(wire: IO[bytes], client: Context) -> Any:
    send, receive = anyio.create_memory_object_stream[str](1000)

    async def tell() -> None:
        number = 0
        async for said in receive:
            number += 1
            await client.report_progress(number, message=said)

    found: dict[str, Any] = {}
    async with anyio.create_task_group() as group:
        group.start_soon(tell)
        async for line in _lines(wire):
            found = json.loads(line)
            if "told" in found:
                _offer(send, found["told"])
        group.cancel_scope.cancel()
    if "answer" not in found:
        # Not raised in the group, which would make a group of it.
        raise ToolError(
            found.get("error", "autodeploy was ended before it could answer; look at `status`")
        )
    return found["answer"]


async def _lines(wire: IO[bytes]) -> AsyncIterator[bytes]:
    pending = b""
    while True:
        await anyio.wait_readable(wire)
        read = os.read(wire.fileno(), 65536)
        if not read:
            return
        *whole, pending = (pending + read).split(b"\n")
        for line in whole:
            yield line


def _offer(send: Any, said: str) -> None:
    try:
        send.send_nowait(said)
    except anyio.WouldBlock:
        return  # A client that does not read misses progress, and no result.
