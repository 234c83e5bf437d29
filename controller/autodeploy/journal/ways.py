"""How one goes on after a run that has not come to a good end. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from autodeploy.contracts import BACKWARDS, ApplicationState, DeploymentState, DeploymentStatus
from autodeploy.errors import UsageError
from autodeploy.journal.application import application

WELL = frozenset({DeploymentStatus.COMPLETED, DeploymentStatus.ROLLED_BACK})


def newest(known: ApplicationState) -> DeploymentState | None:
    """The run that has changed the application last, or tried to, and was not undone."""
    return known.last if known.last.operation == "destroy" else known.change


def is_to_mend(run: DeploymentState) -> bool:
    """Whether it ended before anything was made, for what the command line or the settings say.

    Going on with it would end alike, and there is nothing to go back from.
    """
    is_wrong = run.error is not None and run.error.exit_code == UsageError.exit_code
    is_nothing_made = not (run.resources or run.intended or run.hosts or run.secrets)
    return run.status is DeploymentStatus.FAILED and is_wrong and is_nothing_made


def is_all_live(known: ApplicationState) -> bool:
    """Whether nothing is there but of a release that is live: no run has left a half."""
    if known.live is None:
        return not (known.resources or known.hosts)
    return not known.unfinished and all(one in known.live.resources for one in known.resources)


def ways_on(known: ApplicationState) -> list[str]:
    """The commands that lead on where nobody works on it, the usual one first.

    None if all is well, or if it is as it was and what was asked for cannot be done.

    Args:
        known: The application.
    """
    run = newest(known)
    if run is None or run.status in WELL or (is_to_mend(run) and is_all_live(known)):
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
