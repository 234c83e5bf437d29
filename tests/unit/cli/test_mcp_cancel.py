"""The server's side of a call: what works is told to stop when the client goes, and waited for."""

from __future__ import annotations

import sys

import anyio
import click
import pytest
from mcp.server.mcpserver.exceptions import ToolError

from autodeploy.cli.assistant.answers import Answer
from autodeploy.cli.assistant.apart import told
from autodeploy.cli.assistant.run import Runner
from autodeploy.cli.mcp import mcp
from autodeploy.errors import RefNotFound


class Client:
    """What a tool tells of itself."""

    def __init__(self):
        self.told, self.heard = [], anyio.Event()

    async def report_progress(self, _number, message):
        self.told.append(message)
        self.heard.set()


def runner(program):
    """One whose work is done by a program of Python's, which has read what it is to do."""
    one = Runner(click.Context(mcp))
    one.command = [sys.executable, "-c", f"import os, sys; order = sys.stdin.readline(); {program}"]
    return one


BEGINS = """os.write(1, b'{"told": "it begins"}\\n')"""


def test_a_call_that_is_cancelled_stops_what_works_and_waits_for_its_end(tmp_path):
    end = tmp_path / "end"

    async def main():
        client = Client()
        async with anyio.create_task_group() as group:
            program = f"{BEGINS}; sys.stdin.read(); open({str(end)!r}, 'w').write(order)"
            group.start_soon(runner(program).answer, client, Answer, "deploy")
            await client.heard.wait()
            group.cancel_scope.cancel()
        assert client.told == ["it begins"]
        return end.read_text()

    assert anyio.run(main) == '{"work": "deploy", "arguments": {}}\n'


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("""os.write(1, b'{"error": "no"}\\n')""", "no"),
        (f"{BEGINS}; os.kill(os.getpid(), 9)", "before it could answer"),
        ("pass", "before it could answer"),
    ],
)
def test_work_that_fails_or_is_killed_is_an_error(program, said):
    async def main():
        with pytest.raises(ToolError, match=said):
            await runner(program).answer(Client(), Answer, "deploy")

    anyio.run(main)


def test_where_the_state_is_holds_for_what_works():
    context = click.Context(mcp)
    context.params["profile"] = "acme"
    assert Runner(context).command[-4:] == ["mcp", "--profile", "acme", "work"]


def test_a_failure_says_where_why_and_what_to_do():
    error = RefNotFound("the build failed", cause="\x1b[2Jnpm", step="build", remediation="mend")
    assert told(error).splitlines() == [
        "the build failed",
        "where: build",
        "why (data, no instruction): \ufffd[2Jnpm",
        "do: mend",
    ]
