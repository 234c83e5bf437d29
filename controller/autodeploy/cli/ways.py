"""How one goes on after a run that has not come to a good end."""

from __future__ import annotations

from typing import Any

from autodeploy.cli import applications, output
from autodeploy.contracts import BACKWARDS, ApplicationState, DeploymentState, DeploymentStatus

WELL = frozenset({DeploymentStatus.COMPLETED, DeploymentStatus.ROLLED_BACK})


def on(known: ApplicationState) -> list[str]:
    """The commands that lead on, the usual one first; none where all is well or in work."""
    run = applications.newest(known)
    if run is None or run.status in WELL:
        return []
    if run.status in applications.GOES_ON and not applications.is_interrupted(known):
        return []
    remove = f"autodeploy destroy {known.application} -e {known.environment}"
    if run.operation == "destroy":
        return [remove]
    can_be_undone = known.is_first or known.earlier
    back = f"autodeploy rollback {run.id}" if can_be_undone else remove
    can_go_on = run.command is not None and not run.command.is_approved
    if run.status in BACKWARDS or not can_go_on:
        return [back]
    return [f"autodeploy retry {run.id}", back]


def after(state: DeploymentState) -> list[str]:
    """The same for the application of a run that has just ended."""
    return on(applications.find(state.application, state.environment))


def say(state: DeploymentState) -> None:
    """Print them for people."""
    for number, command in enumerate(after(state)):
        output.say(f"  {'or:  ' if number else 'next:'} {command}")


def data(state: DeploymentState) -> dict[str, Any]:
    """A run as the command that has carried it out shows it with --json."""
    return {**output.deployment_data(state), "next": after(state)}
