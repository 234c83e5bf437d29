"""How one goes on after a run that has not come to a good end."""

from __future__ import annotations

from typing import Any

from autodeploy.cli import applications, output
from autodeploy.contracts import ApplicationState, DeploymentState
from autodeploy.journal import is_to_mend, newest, ways_on


def on(known: ApplicationState) -> list[str]:
    """The commands that lead on, the usual one first; none where all is well or in work."""
    run = newest(known)
    is_in_work = run and run.status in applications.GOES_ON
    return [] if run and is_in_work and not applications.is_interrupted(run) else ways_on(known)


def after(state: DeploymentState) -> list[str]:
    """The same for the application of a run that has just ended."""
    return on(applications.find(state.application, state.environment))


def say(state: DeploymentState) -> None:
    """Print them for people."""
    commands = after(state)
    if not commands and is_to_mend(state):
        output.say("  next: nothing was changed; mend that, and give the same command again")
    for number, command in enumerate(commands):
        output.say(f"  {'or:  ' if number else 'next:'} {command}")


def data(state: DeploymentState) -> dict[str, Any]:
    """A run as the command that has carried it out shows it with --json."""
    return {**output.deployment_data(state), "next": after(state)}
