"""The tools that an MCP client sees; what they do is in `work.py`."""

from __future__ import annotations

from typing import Annotated

import click
from mcp.server.mcpserver import Context, MCPServer
from mcp_types import ToolAnnotations
from pydantic import Field

from autodeploy import __version__
from autodeploy.cli.assistant import answers, work
from autodeploy.cli.assistant.run import Runner

INSTRUCTIONS = f"""\
autodeploy takes a git repository to a running application. analyze, plan, plan_rollback, status
and logs change nothing. deploy and rollback take the id of a plan that the USER has approved by
`autodeploy mcp approve PLAN_ID` in a terminal: show the plan, ask for that, and wait. Each id
serves once, for an hour. {answers.NOTICE}"""
READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True)
CHANGES = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=False)

Repository = Annotated[str, Field(description="A git URL, or a folder of this machine.")]
Ref = Annotated[str | None, Field(description="Branch, tag or commit.")]
Path = Annotated[str | None, Field(description="The application's folder in the repository.")]
Named = Annotated[str, Field(description="The application's name.")]
Environment = Annotated[str, Field(description="The application's environment.")]
PlanId = Annotated[str, Field(description="Of a plan that the user has approved.")]


def made(context: click.Context) -> MCPServer[None]:
    """The server; `context` is the command's that serves."""
    server: MCPServer[None] = MCPServer(
        "autodeploy", instructions=INSTRUCTIONS, version=__version__, log_level="ERROR"
    )
    runner = Runner(context)
    _reading(server, runner)
    _planning(server, runner)
    _changing(server, runner)
    return server


def _reading(server: MCPServer[None], runner: Runner) -> None:
    @server.tool(annotations=READS)
    async def analyze(
        repository: Repository, ref: Ref = None, path: Path = None
    ) -> answers.Analysis:
        """Show what a repository is made of. Runs none of its code."""
        return await runner.read(lambda: work.analyze(repository, ref, path))

    @server.tool(annotations=READS)
    async def status(
        application: Annotated[str | None, Field(description="Null for all.")] = None,
        environment: Environment = "production",
    ) -> answers.Status:
        """Show what is deployed; of one application also its health now."""
        return await runner.read(lambda: work.status(application, environment))

    @server.tool(annotations=READS)
    async def logs(
        application: Named,
        environment: Environment = "production",
        process: Annotated[str | None, Field(description="One process alone, as web.")] = None,
        lines: Annotated[int, Field(ge=1, le=answers.MOST)] = 50,
    ) -> answers.Logs:
        """Read the newest lines that an application has said."""
        return await runner.read(lambda: work.logs(application, environment, process, lines))


def _planning(server: MCPServer[None], runner: Runner) -> None:
    @server.tool(annotations=READS)
    async def plan(  # noqa: PLR0913, RUF100 - one a setting
        client: Context,
        repository: Repository,
        ref: Ref = None,
        path: Path = None,
        environment: Environment = "production",
        target: Annotated[
            str | None, Field(description="aws, lab or ssh; null: where it is.")
        ] = None,
        region: Annotated[str | None, Field(description="AWS's region.")] = None,
        name: Annotated[str | None, Field(description="Null: the repository's.")] = None,
        hosts: Annotated[int | None, Field(ge=1, le=20, description="How many.")] = None,
    ) -> answers.PlanAnswer:
        """Plan a deployment of one commit, for a human to approve. Changes nothing."""
        flags = {
            "environment": environment,
            "target": target,
            "region": region,
            "name": name,
            "hosts": hosts,
        }
        return await runner.alone(client, lambda _hear: work.plan(repository, ref, path, flags))

    @server.tool(annotations=READS)
    async def plan_rollback(
        application: Named, environment: Environment = "production"
    ) -> answers.PlanAnswer:
        """Say what undoing the newest deployment would do, for a human to approve."""
        return await runner.read(lambda: work.plan_rollback(application, environment))


def _changing(server: MCPServer[None], runner: Runner) -> None:
    @server.tool(annotations=CHANGES)
    async def deploy(client: Context, plan_id: PlanId) -> answers.Run:
        """Carry out exactly the approved plan, or refuse and say what is otherwise now."""
        return await runner.alone(client, lambda hear: work.deploy(plan_id, hear))

    @server.tool(annotations=CHANGES)
    async def rollback(client: Context, plan_id: PlanId) -> answers.Run:
        """Undo exactly what the approved plan says, or refuse and say what is otherwise now."""
        return await runner.alone(client, lambda hear: work.rollback(plan_id, hear))
