"""`autodeploy mcp`."""

from __future__ import annotations

import importlib.util
import sys

import click

from autodeploy.cli import options
from autodeploy.errors import UsageError
from autodeploy.origin import extra


@click.group(invoke_without_command=True)
@options.state
@options.profile
@click.pass_context
def mcp(context: click.Context, *, profile: str | None) -> None:  # noqa: ARG001 - applications.store
    """Serve AI agents by the Model Context Protocol, on stdin and stdout.

    What an agent would change, a human approves with `autodeploy mcp approve PLAN_ID`.

    \b
    Examples:
      autodeploy mcp
      autodeploy mcp --state s3://acme-deployments/shop
    """
    if context.invoked_subcommand:
        return
    if importlib.util.find_spec("mcp") is None:
        raise UsageError(
            "the Model Context Protocol's library is not installed",
            remediation=extra("agents"),
        )
    from autodeploy.cli.assistant import ending, server

    ending.hear()
    server.made(context).run("stdio")


@mcp.command(hidden=True)
@click.pass_context
def work(context: click.Context) -> None:
    """Do what one call of a tool asks for, for the server that has started this."""
    from autodeploy.cli.assistant import apart

    context.params["profile"] = context.parent.params["profile"] if context.parent else None
    apart.serve()


@mcp.command()
@click.argument("plan_id")
def approve(*, plan_id: str) -> None:
    """Let an agent carry out the plan PLAN_ID, once: shows it, and asks.

    \b
    Examples:
      autodeploy mcp approve PLAN_ID
    """
    from autodeploy.cli import output, planpage
    from autodeploy.cli.assistant import approvals

    waiting = approvals.read(plan_id)
    if not sys.stdin.isatty():
        raise UsageError(
            "a plan is approved by a human in a terminal, and this is none",
            remediation=f"Run `autodeploy mcp approve {plan_id}` in one; nothing else approves.",
        )
    if waiting.plan:
        said = [f"{key} {value}" for key, value in waiting.flags.items()]
        output.say(f"deploy {waiting.repository} {waiting.ref or ''} {', '.join(said)}")
        planpage.show(waiting.plan)
    elif waiting.rollback:
        for key, value in waiting.rollback.model_dump().items():
            output.say(f"{key.replace('_', ' ')}: {value or 'nothing'}")
    options.confirm(f"Let the agent {waiting.kind} this?", yes=False)
    approvals.approve(plan_id)
    output.say("approved: the agent may do it once, within an hour of the plan")
