"""How one goes on after a run that has not come to a good end. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from autodeploy.contracts import BACKWARDS, ApplicationState, DeploymentState, DeploymentStatus
from autodeploy.journal.application import application

WELL = frozenset({DeploymentStatus.COMPLETED, DeploymentStatus.ROLLED_BACK})


def newest(known: ApplicationState) -> DeploymentState | None:
    """The run that has changed the application last, or tried to, and was not undone."""
    return known.last if known.last.operation == "destroy" else known.change


def ways_on(known: ApplicationState) -> list[str]:
    """The commands that lead on where nobody works on it, the usual one first; none if all is well.

    Args:
        known: The application.
    """
    run = newest(known)
    if run is None or run.status in WELL:
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


def ways_after(runs: Iterable[DeploymentState], ended: DeploymentState) -> list[str]:
    """The same, once one of an application's runs has ended as is given."""
    return ways_on(application([ended if run.id == ended.id else run for run in runs]))
