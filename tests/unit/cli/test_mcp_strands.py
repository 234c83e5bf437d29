"""A program of Strands Agents uses our tools; a script plays the model, so no network is needed."""

from __future__ import annotations

import json
import os
import sys

from mcp.client.stdio import StdioServerParameters, stdio_client
from strands import Agent
from strands.models import Model
from strands.tools.mcp import MCPClient

from autodeploy.cli.assistant import approvals


class Scripted(Model):
    """Calls the tools of a list, one a turn, and keeps what they answer."""

    def __init__(self, calls):
        self.calls = list(calls)
        self.answers = []
        self.offered = set()

    def get_config(self):
        return {}

    def update_config(self, **model_config):
        """It has no configuration."""

    async def structured_output(self, output_model, prompt, system_prompt=None, **kwargs):
        raise NotImplementedError
        yield

    async def stream(self, messages, tool_specs=None, system_prompt=None, **kwargs):
        self.offered = {one["name"] for one in tool_specs or ()}
        self.answers += [
            block["toolResult"] for block in messages[-1]["content"] if "toolResult" in block
        ]
        yield {"messageStart": {"role": "assistant"}}
        reason = "tool_use" if self.calls else "end_turn"
        if self.calls:
            name, arguments = self.calls.pop(0)
            use = {"toolUse": {"name": name, "toolUseId": f"call-{len(self.answers)}"}}
            yield {"contentBlockStart": {"start": use}}
            yield {"contentBlockDelta": {"delta": {"toolUse": {"input": json.dumps(arguments)}}}}
        else:
            yield {"contentBlockStart": {"start": {}}}
            yield {"contentBlockDelta": {"delta": {"text": "done"}}}
        yield {"contentBlockStop": {}}
        yield {"messageStop": {"stopReason": reason}}


def test_an_agent_analyzes_and_cannot_deploy_by_itself(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path / "home"))
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/package.json").write_text('{"dependencies": {"express": "4"}}')
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "autodeploy", "mcp"], env=dict(os.environ)
    )
    model = Scripted(
        [
            ("analyze", {"repository": str(tmp_path / "shop")}),
            ("deploy", {"plan_id": "0" * 32}),
        ]
    )
    with MCPClient(lambda: stdio_client(command)) as tools:
        agent = Agent(model=model, tools=tools.list_tools_sync(), callback_handler=None)
        agent("Deploy the shop.")
    assert {"analyze", "plan", "deploy", "status", "logs", "rollback"} <= model.offered
    seen, refused = model.answers
    assert "express" in json.dumps(seen)
    assert refused["status"] == "error"
    assert "no plan" in json.dumps(refused)
    assert not list(approvals.folder().iterdir())
