"""What tests of `autodeploy mcp` share: its command, a client, plans that wait."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import anyio
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from autodeploy.cli.assistant import approvals
from autodeploy.contracts import SavedPlan, Subject

SERVER = [sys.executable, "-m", "autodeploy", "mcp"]


def talk(script: Callable[[Client], Awaitable[Any]]) -> Any:
    """What `script` gives, which talks to a server of its own."""

    async def main() -> Any:
        command, *arguments = SERVER
        server = StdioServerParameters(command=command, args=arguments, env=dict(os.environ))
        async with Client(stdio_client(server)) as client:
            return await script(client)

    return anyio.run(main)


def serving(tool: str, **arguments: Any) -> subprocess.Popen[bytes]:
    """A server at a call of a tool, in a process group of its own, as clients make them."""
    server = subprocess.Popen(
        SERVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    about = {"protocolVersion": "2025-06-18", "capabilities": {}}
    client = {"clientInfo": {"name": "a", "version": "1"}}
    for said in (
        {"id": 1, "method": "initialize", "params": {**about, **client}},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": {"name": tool, "arguments": arguments}},
    ):
        assert server.stdin
        server.stdin.write(json.dumps({"jsonrpc": "2.0", **said}).encode() + b"\n")
        server.stdin.flush()
    return server


def waiting(
    made_at: datetime | None = None, repository: str = "/nowhere/shop"
) -> approvals.Waiting:
    """A plan for the shop that waits for a human."""
    subject = Subject(
        application="shop",
        environment="production",
        target="ssh",
        region=None,
        account=None,
        path="",
        commit="a" * 40,
        settings={},
        stack="",
        live_release=None,
        tool_version="0",
    )
    return approvals.Waiting(
        kind="deploy",
        made_at=made_at or datetime.now(UTC),
        repository=repository,
        flags={"target": "ssh", "addresses": ["root@192.0.2.1"]},
        plan=SavedPlan.model_validate({"subject": subject, "plan": {}}),
    )


def approved(repository: str) -> str:
    """The id of such a plan that a human has approved."""
    identifier = approvals.keep(waiting(repository=repository))
    approvals.approve(identifier)
    return identifier
