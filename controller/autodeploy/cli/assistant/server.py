"""The tools that an MCP client sees; what they do is in `work.py`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import click
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import Context, MCPServer
from mcp_types import CallToolResult, TextContent, ToolAnnotations

from autodeploy import __version__
from autodeploy.cli.assistant import answers
from autodeploy.cli.assistant.answers import cut
from autodeploy.cli.assistant.parameters import (
    Anyone,
    Environment,
    Hosts,
    Lines,
    Name,
    Named,
    Path,
    PlanId,
    Process,
    Ref,
    Region,
    Repository,
    Target,
)
from autodeploy.cli.assistant.run import Runner
from autodeploy.contracts import DeploymentStatus

INSTRUCTIONS = f"""\
autodeploy takes a git repository to a running application. analyze, plan, plan_rollback, status
and logs change nothing. deploy and rollback take the id of a plan that the USER has approved by
`autodeploy mcp approve PLAN_ID` in a terminal: show the plan, ask for that, and wait. Each id
serves once, for an hour. {answers.NOTICE}"""
F = TypeVar("F", bound=Callable[..., Any])
WELL = frozenset({DeploymentStatus.COMPLETED, DeploymentStatus.ROLLED_BACK})


def _reads(title: str) -> ToolAnnotations:
    return ToolAnnotations(
        title=title, read_only_hint=True, destructive_hint=False, idempotent_hint=True
    )


def _changes(title: str) -> ToolAnnotations:
    return ToolAnnotations(
        title=title, read_only_hint=False, destructive_hint=True, idempotent_hint=False
    )


def made(context: click.Context) -> MCPServer[None]:
    """The server; `context` is the command's that serves."""

    async def exactly(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """The SDK drops what a tool does not take: what was meant for staging were production's."""
        asked = ctx.params if ctx.method == "tools/call" and ctx.params else {}
        given = asked.get("arguments")
        names = given.keys() if isinstance(given, dict) else set()
        for tool in await server.list_tools() if names else ():
            taken = tool.input_schema["properties"]
            if tool.name == asked.get("name") and not names <= taken.keys():
                unknown = cut(", ".join(sorted(names - taken.keys())))
                return _error(f"{tool.name} does not take: {unknown}\ndo: give {', '.join(taken)}")
        return await call_next(ctx)

    server: MCPServer[None] = MCPServer(
        "autodeploy",
        instructions=INSTRUCTIONS,
        version=__version__,
        log_level="ERROR",
        middleware=[exactly],
    )
    runner = Runner(context)
    _reading(server, runner)
    _planning(server, runner)
    _changing(server, runner)
    return server


def _tool(server: MCPServer[None], hints: ToolAnnotations) -> Callable[[F], F]:
    """Offers a function with its docstring, which the SDK would give as it is indented here."""

    def offered(function: F) -> F:
        described = server.tool(description=inspect.getdoc(function), annotations=hints)
        return described(function)

    return offered


def _reading(server: MCPServer[None], runner: Runner) -> None:
    @_tool(server, _reads("Analyze a repository"))
    async def analyze(
        client: Context, repository: Repository, ref: Ref = None, path: Path = None
    ) -> answers.Analysis:
        """Show what a repository is made of.

        Its language, framework, databases, processes, and the variables that it needs. None of its
        code is run. Use it before `plan`.
        """
        given = {"repository": repository, "ref": ref, "path": path}
        return await runner.answer(client, answers.Analysis, "analyze", **given)

    @_tool(server, _reads("Show what is deployed"))
    async def status(
        client: Context,
        application: Anyone = None,
        environment: Environment = "production",
    ) -> answers.Status:
        """Show what is deployed, where, and how its newest run has ended.

        Of one application alone also its health now, for which it is asked.
        """
        given = {"application": application, "environment": environment}
        return await runner.answer(client, answers.Status, "status", **given)

    @_tool(server, _reads("Read an application's log"))
    async def logs(
        client: Context,
        application: Named,
        environment: Environment = "production",
        process: Process = None,
        lines: Lines = 50,
    ) -> answers.Logs:
        """Read the newest lines that an application's processes have said, on all of its hosts."""
        given = {"application": application, "environment": environment}
        more = {"process": process, "lines": lines}
        return await runner.answer(client, answers.Logs, "logs", **given, **more)


def _planning(server: MCPServer[None], runner: Runner) -> None:
    @_tool(server, _reads("Plan a deployment"))
    async def plan(  # noqa: PLR0913, RUF100 - one a setting
        client: Context,
        repository: Repository,
        ref: Ref = None,
        path: Path = None,
        environment: Environment = "production",
        target: Target = None,
        region: Region = None,
        name: Name = None,
        hosts: Hosts = None,
    ) -> answers.PlanAnswer:
        """Plan a deployment of one commit, and change nothing.

        Show the USER its changes, its cost and `approve_with`, which they run in a terminal; then
        `deploy` with its `plan_id`.
        """
        flags = {
            "environment": environment,
            "target": target,
            "region": region,
            "name": name,
            "hosts": hosts,
        }
        given = {"repository": repository, "ref": ref, "path": path, "flags": flags}
        return await runner.answer(client, answers.PlanAnswer, "plan", **given)

    @_tool(server, _reads("Plan a rollback"))
    async def plan_rollback(
        client: Context, application: Named, environment: Environment = "production"
    ) -> answers.PlanAnswer:
        """Say what undoing the newest deployment would do, and change nothing.

        The USER approves it as a plan of `plan`; then `rollback` with its `plan_id`.
        """
        given = {"application": application, "environment": environment}
        return await runner.answer(client, answers.PlanAnswer, "plan_rollback", **given)


def _changing(server: MCPServer[None], runner: Runner) -> None:
    @_tool(server, _changes("Carry out an approved deployment"))
    async def deploy(client: Context, plan_id: PlanId) -> Annotated[CallToolResult, answers.Run]:
        """Carry out exactly the approved plan; takes minutes.

        Where the commit, the settings or what is live have changed, it is refused and says what is
        otherwise: then make a plan anew.
        """
        return ended(await runner.answer(client, answers.Run, "deploy", plan_id=plan_id))

    @_tool(server, _changes("Carry out an approved rollback"))
    async def rollback(client: Context, plan_id: PlanId) -> Annotated[CallToolResult, answers.Run]:
        """Undo exactly what the approved plan says; takes minutes.

        Where the application has changed, it is refused and says what is otherwise: then make a
        plan anew.
        """
        return ended(await runner.answer(client, answers.Run, "rollback", plan_id=plan_id))


def _error(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)


def ended(run: answers.Run) -> CallToolResult:
    """One that has not ended well is an error for clients too."""
    return CallToolResult(
        content=[TextContent(type="text", text=run.model_dump_json(indent=2))],
        structured_content=run.model_dump(mode="json"),
        is_error=run.status not in WELL,
    )
