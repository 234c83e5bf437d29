"""An agent's whole way by MCP: plan, a human's approval, deploy, status, and back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import anyio
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from autodeploy.cli.assistant import approvals
from roadkit import ROOT, get

pytestmark = pytest.mark.lab


def test_plan_approve_deploy_status_and_rollback(lab, tmp_path):
    folder = shutil.copytree(ROOT / "examples/go-hello", tmp_path / "go-agent")
    git = ("git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@b.c")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *words], check=True)
    told = []

    async def hear(_progress, _total, message):
        told.append(message)

    async def way():
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "autodeploy", "mcp"], env=dict(os.environ)
        )
        async with Client(stdio_client(server)) as client:

            async def call(name, **arguments):
                found = await client.call_tool(name, arguments, progress_callback=hear)
                assert not found.is_error, found.content
                return found.structured_content

            planned = await call("plan", repository=str(folder), target="lab")
            refused = await client.call_tool("deploy", {"plan_id": planned["plan_id"]})
            assert refused.is_error
            approvals.approve(planned["plan_id"])
            deployed = await call("deploy", plan_id=planned["plan_id"])
            assert deployed["status"] == "completed", deployed
            assert get(deployed["url"])
            shown = await call("status", application="go-agent")
            logged = await call("logs", application="go-agent")
            back = await call("plan_rollback", application="go-agent")
            approvals.approve(back["plan_id"])
            undone = await call("rollback", plan_id=back["plan_id"])
            return planned, deployed, shown, logged, back, undone

    planned, deployed, shown, logged, back, undone = anyio.run(way)
    assert planned["summary"]["create"] > 5
    (one,) = shown["applications"]
    assert one["release"] == deployed["release"]
    assert logged["lines"]
    assert any(change.startswith("remove AWS::EC2::Instance") for change in back["changes"])
    assert undone["status"] == "rolled_back", undone
    assert any("deployer" in message for message in told)
