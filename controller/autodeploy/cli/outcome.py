"""What a deployment has come to, for people."""

from __future__ import annotations

import click

from autodeploy.cli import applications, costpage, forecastpage, output, ways
from autodeploy.cli.names import VOICE
from autodeploy.contracts import DeploymentState, DeploymentStatus
from autodeploy.errors import CloudError, Interrupted, StateError
from autodeploy.journal.events import AnyEvent, LogLine, StatusChanged


def show(state: DeploymentState, *, as_json: bool) -> None:
    """Print how a deployment has ended; with `as_json` nothing of it on stdout."""
    quiet = output.asked(VOICE) == "quiet"
    if not quiet:
        output.say()
    for stage in () if quiet else state.stages:
        if stage.completed_at:
            seconds = (stage.completed_at - stage.started_at).total_seconds()
            is_stopped = stage.status == "failed" and _was_stopped(state)
            said = "stopped" if is_stopped else stage.status
            output.say(f"  {stage.agent:<12} {seconds:6.1f} s  {said}")
    # What undoing it was refused for may be just what it had failed of.
    for error in dict.fromkeys(filter(None, (state.failure, state.error))):
        output.say()
        output.error(error)
    if state.failure or state.error:
        _ended_badly(state)
    elif state.deployment:
        _running(state)
        click.echo(state.deployment.url or output.NO_URL, err=as_json)


def _was_stopped(state: DeploymentState) -> bool:
    """Whether nothing went wrong but that it was to end, or was ended."""
    errors = [one for one in (state.failure, state.error) if one]
    return bool(errors) and all(one.exit_code == Interrupted.exit_code for one in errors)


def _ended_badly(state: DeploymentState) -> None:
    output.say(f"  deployment {state.id}: {state.status}")
    if state.status is DeploymentStatus.ROLLED_BACK:
        removed(state)
    ways.say(state)


def _running(state: DeploymentState) -> None:
    release = state.deployment.release if state.deployment else None
    what = f"release {release}" if state.changed else "nothing changed"
    output.say(f"\n{state.application} ({state.environment}): {what}")
    for host in state.hosts:
        output.say(f"  {host.name}  {host.address}  {host.instance_id or ''}")
    output.say(f"  {len(state.resources)} resources; deployment {state.id}")
    if output.asked(VOICE) == "quiet":
        return
    for line in (*forecastpage.compared(state), *costpage.foreseen(state)):
        output.say(f"  {line}")
    warnings(state)
    output.snapshots(state)
    named = f"{state.application} -e {state.environment}"
    output.say(f"  next: autodeploy status {named}")
    output.say(f"        autodeploy ssh {named}")
    output.say(f"        autodeploy destroy {named}")
    output.say()


def warnings(state: DeploymentState) -> None:
    """Print once more what people should act on, of all that the run's last way has said.

    With `-q` nothing else was said, and once is enough.
    """
    if output.asked(VOICE) == "quiet":
        return
    try:
        history = applications.store().history(state.id)
    except (StateError, CloudError):  # They were told when they came, and all else is done.
        return
    begun = max(number for number, one in enumerate(history) if _begins(one))
    for one in history[begun:]:
        if isinstance(one, LogLine) and one.level == "warning":
            output.say(f"  warning: {output.indented(one.message)}", fg="yellow")


def _begins(event: AnyEvent) -> bool:
    ways = {DeploymentStatus.RUNNING, DeploymentStatus.ROLLING_BACK}
    return isinstance(event, StatusChanged) and event.status in ways


def removed(state: DeploymentState) -> None:
    """Print what has come of removing all that an application had."""
    if state.error:
        output.error(state.error)
        ways.say(state)
    else:
        count = f": {len(state.removed)} resources" if state.removed else ""
        is_new = state.operation != "destroy" or state.changed
        said = f"is removed{count}" if is_new else "was removed already: nothing was left of it"
        output.say(f"{state.application} ({state.environment}) {said}")
    output.snapshots(state)
