"""`retry`: a deployment that failed goes on, in its own log, with what is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from autodeploy import stopping
from autodeploy.conductor.again import command_of, otherwise
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.deploy import carry_out
from autodeploy.conductor.reuse import reuse
from autodeploy.conductor.run import FORTH, resumed
from autodeploy.conductor.way import refuse_half_removed
from autodeploy.contracts import (
    ApplicationState,
    CommandLine,
    DeploymentState,
    DeploymentStatus,
    OnFailure,
)
from autodeploy.errors import RetryRefused
from autodeploy.journal import AgentLog, Journal
from autodeploy.journal.events import CommandGiven

BROKEN_OFF = frozenset(
    {
        DeploymentStatus.PENDING,
        DeploymentStatus.RUNNING,
        DeploymentStatus.FAILED,
        DeploymentStatus.CANCELLED,
    }
)
"""What can go on; where nobody holds the lease, one that runs has broken off."""


def retry(command: Command, environment: Environment, known: ApplicationState) -> DeploymentState:
    """Carry the newest change of the application to its end, and give its state.

    Args:
        command: What `again` gives.
        environment: Where.
        known: The application as the user has seen it.

    Raises:
        RetryRefused: It cannot go on, or another has taken its place.
    """
    change, said = resumable(known)

    @contextmanager
    def agree(_journal: Journal) -> Iterator[None]:
        """Another controller may have worked on it since it was looked at."""
        now = environment.store.application(command.name, command.settings.environment)
        if now is None or resumable(now)[0] != change:
            raise RetryRefused(f"{command.name} has changed since it was looked at")
        stopping.check()
        yield

    with resumed(change.id, FORTH, command, environment, agree) as run:
        if command.on_failure != said.on_failure:
            anew = said.model_copy(update={"on_failure": command.on_failure})
            run.journal.write(CommandGiven(command=anew))
        log = run.journal.agent("conductor")
        before = run.journal.state
        _tell(change, command, log)
        try:
            carry_out(command, environment, run)
        finally:
            for line in reuse(known, before, run.journal.state):
                log.info(line)
    return run.journal.state


def again(
    known: ApplicationState,
    profile: str | None,
    lock_wait: int | None = None,
    on_failure: OnFailure | None = None,
) -> Command:
    """The command that the newest change of an application was begun with, on the same commit.

    Args:
        known: The application.
        profile: The profile to use now; None for the same.
        lock_wait: Seconds to wait for another controller now.
        on_failure: What it is now to be; None for the same.

    Raises:
        RetryRefused: It cannot go on.
    """
    change, said = resumable(known)
    return command_of(change, said, profile, lock_wait, on_failure)


def resumable(known: ApplicationState) -> tuple[DeploymentState, CommandLine]:
    """The deployment that can go on, and what its command line said.

    Raises:
        RetryRefused: There is none.
    """
    change = known.change
    refuse_half_removed(known, RetryRefused)
    if change is None:
        raise RetryRefused(f"{known.application} has no deployment that could go on")
    if change.status not in BROKEN_OFF:
        raise _ended(change)
    if change.command is None or change.command.is_approved:
        raise _untold(change)
    return change, change.command


def _ended(change: DeploymentState) -> RetryRefused:
    if change.status is DeploymentStatus.COMPLETED:
        return RetryRefused(f"{change.id} has completed: there is nothing to go on with")
    return RetryRefused(
        f"{change.id} is being undone: it is {change.status}",
        remediation=f"`autodeploy rollback {change.id}` goes on with that.",
    )


def _untold(change: DeploymentState) -> RetryRefused:
    if change.command is None:
        return RetryRefused(f"{change.id} is of a version that did not keep its options")
    return RetryRefused(
        f"{change.id} was to do just what its plan said, and has done a part of that",
        remediation="Plan anew and look at it: `autodeploy plan REPOSITORY --out FILE`, then "
        "`autodeploy deploy REPOSITORY --plan FILE`.",
    )


def _tell(change: DeploymentState, command: Command, log: AgentLog) -> None:
    where = change.error or (change.stages[-1] if change.stages else None)
    log.info(f"{change.id} goes on at the {where.agent if where else 'beginning'}")
    for line in otherwise(change, command):
        log.warning(line)
