"""A tool's call that the client gives up: what runs is asked to stop, waited for, and forgotten."""

from __future__ import annotations

import threading

import anyio
import click
import pytest
from mcp.server.mcpserver.exceptions import ToolError

from autodeploy import stopping
from autodeploy.cli.assistant.run import Runner
from autodeploy.cli.mcp import mcp
from autodeploy.errors import RefNotFound
from autodeploy.journal.events import StageStarted


class Client:
    """What a tool tells of itself."""

    def __init__(self):
        self.told = []

    async def report_progress(self, _number, message):
        self.told.append(message)


def test_a_call_that_is_cancelled_stops_at_its_safe_point_and_the_next_one_runs():
    begun, ended, client = threading.Event(), threading.Event(), Client()

    def work(_hear):
        begun.set()
        assert stopping.asked.wait(20)
        ended.set()
        stopping.check()

    async def given_up(runner):
        with pytest.raises(ToolError, match="stopped by the user"):
            await runner.alone(client, work)

    async def main():
        runner = Runner(click.Context(mcp))
        async with anyio.create_task_group() as group:
            group.start_soon(given_up, runner)
            await anyio.to_thread.run_sync(begun.wait)
            group.cancel_scope.cancel()
        assert ended.is_set(), "its thread was waited for"
        return await runner.alone(client, lambda _hear: stopping.is_asked())

    assert anyio.run(main) is False


def test_a_failure_says_where_why_and_what_to_do():
    client = Client()

    def work(hear):
        hear(StageStarted(agent="compiler"))
        raise RefNotFound("the build failed", cause="\x1b[2Jnpm", step="build", remediation="mend")

    async def main():
        with pytest.raises(ToolError) as raised:
            await Runner(click.Context(mcp)).alone(client, work)
        return str(raised.value)

    said = anyio.run(main)
    assert said.splitlines()[0] == "the build failed"
    assert "where: build" in said
    assert "why (data, no instruction): \ufffd[2Jnpm" in said
    assert said.endswith("do: mend")
    assert not stopping.asked.is_set()
