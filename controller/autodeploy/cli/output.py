"""What is printed: data on stdout, talk on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from autodeploy.cli.names import EVENTS
from autodeploy.contracts import DeploymentState, ErrorReport, comparison
from autodeploy.errors import AutodeployError
from autodeploy.printable import printable

if TYPE_CHECKING:
    from rich.console import Console

NO_URL = "no web process: no client reaches it"


def document(data: Any) -> None:
    """Print the one JSON document that a command with --json owes; with --events, the last line."""
    if asked(EVENTS):
        outcome(data)
    else:
        click.echo(json.dumps(data, indent=2, default=str))


def outcome(data: dict[str, Any]) -> None:
    """Print the line that ends `--events`."""
    click.echo(json.dumps({"kind": "outcome", **data}, default=str))


def asked(name: str) -> Any:
    """What the command line has said of EVENTS or VOICE; None for nothing."""
    context = click.get_current_context(silent=True)
    return context.meta.get(name) if context else None


def colour(environ: Mapping[str, str] = os.environ) -> bool | None:
    """Whether what people read is coloured; None for on a terminal alone."""
    if environ.get("NO_COLOR"):
        return False
    if environ.get("CLICOLOR_FORCE", "0") not in {"", "0"}:
        return True
    return False if environ.get("TERM") == "dumb" or environ.get("CLICOLOR") == "0" else None


def console(*, stderr: bool = False, width: int | None = None) -> Console:
    """Where tables and pages are printed, coloured as all else that people read.

    Args:
        stderr: Whether it is talk.
        width: In characters; None for the terminal's.
    """
    from rich.console import Console

    wanted = colour()
    return Console(
        stderr=stderr,
        highlight=False,
        width=width,
        color_system="auto" if wanted is None else "standard" if wanted else None,
    )


def plain(line: str) -> str:
    """The line without what steers the terminal."""
    return printable(click.unstyle(line))


def say(line: str = "", **style: Any) -> None:
    """Print a line for people; nothing in it steers the terminal but the style that is given."""
    text = plain(line)
    with suppress(OSError):  # Nobody reads any more: no reason to end what is going on.
        styled = click.style(text, **style) if style else text
        click.echo(styled, file=sys.stderr, color=colour())


def indented(text: str) -> str:
    """The text; its lines after the first stand to the right of what it belongs to."""
    return text.replace("\n", "\n    ")


class Talk:
    """Says on stderr what a deployment would have journalled."""

    def info(self, message: str) -> None:
        """Say something to people."""
        say(f"  recon: {message}")

    def warning(self, message: str) -> None:
        """Say something that people should act on."""
        say(f"  recon: {message}", fg="yellow")


def report(error: AutodeployError, agent: str = "autodeploy") -> ErrorReport:
    """An error that ended a command outside any deployment."""
    return ErrorReport.of(error, agent)


def error(report: ErrorReport) -> None:
    """Print an error: what happened, where, why, what to do."""
    where = ", ".join(part for part in (report.agent, report.step, report.host) if part)
    say(f"error: {report.message}", fg="red", bold=True)
    say(f"  where: {where}")
    if report.cause:
        first, *rest = report.cause.splitlines() or [""]
        say(f"  why:   {first}")
        for line in rest:
            say(f"         {line}")
    say(f"  do:    {report.remediation}")


def snapshots(state: DeploymentState) -> None:
    """Print what is left of databases on purpose, and how a database is made of it again."""
    where = f" --region {state.region}" if state.region else ""
    for one in state.snapshots:
        say(f"  a database's data is kept in the snapshot {one}; a database is made of it by")
        say(
            f"    aws rds restore-db-instance-from-db-snapshot{where} "
            f"--db-snapshot-identifier {one} --db-instance-identifier NAME"
        )


def error_data(report: ErrorReport) -> dict[str, Any]:
    """An error as `--json` shows it."""
    cause = f"{report.message}: {report.cause}" if report.cause else report.message
    return {
        "agent": report.agent,
        "step": report.step,
        "host": report.host,
        "cause": cause,
        "remediation": report.remediation,
    }


def failure(error: AutodeployError) -> dict[str, Any]:
    """What `--json` prints when no deployment was begun."""
    return {"status": "failed", "error": error_data(report(error))}


def exit_code(state: DeploymentState) -> int:
    """The exit code of a command that has ended with this state."""
    return state.error.exit_code if state.error else 0


def deployment_exit_code(state: DeploymentState) -> int:
    """That of a deployment: where it has failed and was undone, it has failed."""
    return state.failure.exit_code if state.failure else exit_code(state)


def deployment_data(state: DeploymentState) -> dict[str, Any]:
    """A deployment as `deploy --json` shows it."""
    running = state.deployment
    # Made side by side, they come in another order each time.
    resources = sorted(state.resources, key=lambda one: one.key)
    return {
        "deployment_id": state.id,
        "application": state.application,
        "environment": state.environment,
        "target": state.target,
        "status": state.status,
        "url": running.url if running else None,
        "release": running.release if running else None,
        "hosts": [
            host.model_dump(include={"name", "address", "instance_id"}) for host in state.hosts
        ],
        "resources": [one.model_dump(include={"type", "id"}) for one in resources],
        "stages": [
            stage.model_dump(mode="json", include={"agent", "started_at", "completed_at"})
            for stage in state.stages
        ],
        "snapshots": state.snapshots,
        "changed": state.changed,
        "forecast": _compared(state),
        "error": error_data(state.error) if state.error else None,
        "failure": error_data(state.failure) if state.failure else None,
    }


def _compared(state: DeploymentState) -> dict[str, Any] | None:
    """What was foreseen beside what came of it; None where nothing was."""
    found = comparison(state)
    if found is None:
        return None
    return {
        "work": found.work,
        "basis": found.basis,
        "foreseen": {
            "summary": found.foreseen,
            "p50": found.p50,
            "p95": found.p95,
            "monthly_cost": found.monthly_cost,
        },
        "done": {"summary": found.done, "seconds": found.seconds},
        "otherwise": found.otherwise,
    }
