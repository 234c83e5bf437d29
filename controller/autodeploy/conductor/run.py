"""A run: begun in the journal before anything else, ended in it whatever happens."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

from autodeploy import __version__
from autodeploy.conductor.command import Command, Environment
from autodeploy.contracts import DeploymentStatus, ErrorReport
from autodeploy.errors import Interrupted
from autodeploy.journal import AgentLog, Journal, Lease
from autodeploy.journal.events import Failed, StageEnded, StageStarted, StatusChanged
from autodeploy.strangers import as_ours


class Stage:
    """An agent's run, begun when this is made and ended when its `with` is left."""

    def __init__(self, journal: Journal, agent: str) -> None:
        self._journal = journal
        self._agent = agent
        journal.write(StageStarted(agent=agent))

    def __enter__(self) -> AgentLog:
        return self._journal.agent(self._agent)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Mark an error as this agent's, unless an agent inside has marked it before."""
        self._journal.write(StageEnded(agent=self._agent, ok=error is None))
        if error is not None and not hasattr(error, "agent"):
            error.agent = self._agent  # type: ignore[attr-defined]


class Run:
    """One run of a command on one application.

    Attributes:
        journal: Its log.
        changed: Whether anything was changed; said at completion.
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.changed = True

    def stage(self, agent: str) -> Stage:
        """Begin an agent's run."""
        return Stage(self.journal, agent)


@contextmanager
def begun(
    operation: Literal["deploy", "destroy", "adopt"], command: Command, environment: Environment
) -> Iterator[Run]:
    """A run that is `pending`, then `running` inside, and ended afterwards, well or not.

    What goes wrong inside ends here: the journal has it, and so has the run's state.

    Raises:
        LeaseHeld: Another controller works on the application; no run was begun.
    """
    settings, store = command.settings, environment.store
    with Lease(store.application_folder(command.name, settings.environment)):
        journal = store.create(
            operation=operation,
            application=command.name,
            environment=settings.environment,
            target=settings.target,
            region=settings.region,
            repository=command.shown_repository,
            tool_version=__version__,
            listener=environment.listener,
        )
        with _carried_out(journal, environment, FORTH) as run:
            yield run


DEAD = {
    DeploymentStatus.PENDING: (DeploymentStatus.RUNNING, DeploymentStatus.FAILED),
    DeploymentStatus.RUNNING: (DeploymentStatus.FAILED,),
    DeploymentStatus.ROLLING_BACK: (DeploymentStatus.ROLLBACK_FAILED,),
}
"""What a run has come to that is in such a status though nobody has its lease."""


@contextmanager
def undone(
    identifier: str, command: Command, environment: Environment, agree: Callable[[], None]
) -> Iterator[Run]:
    """A run that goes on in its own log, as `rolling_back`; otherwise as `begun`.

    `agree` is asked once nobody else can work on the application; what it raises ends it there.

    Raises:
        LeaseHeld: Another controller works on the application; nothing was begun.
        TransitionRefused: The run is in no status that can be rolled back.
    """
    store = environment.store
    with Lease(store.application_folder(command.name, command.settings.environment)):
        agree()
        journal = store.open(identifier, environment.listener)
        for status in DEAD.get(journal.state.status, ()):  # Its controller was killed.
            journal.write(StatusChanged(status=status))
        with _carried_out(journal, environment, BACK) as run:
            yield run


@dataclass(frozen=True)
class _Way:
    """The statuses of a run: inside, and at its end."""

    inside: DeploymentStatus
    good: DeploymentStatus
    bad: DeploymentStatus
    stopped: DeploymentStatus


FORTH = _Way(
    inside=DeploymentStatus.RUNNING,
    good=DeploymentStatus.COMPLETED,
    bad=DeploymentStatus.FAILED,
    stopped=DeploymentStatus.CANCELLED,
)
BACK = _Way(
    inside=DeploymentStatus.ROLLING_BACK,
    good=DeploymentStatus.ROLLED_BACK,
    bad=DeploymentStatus.ROLLBACK_FAILED,
    stopped=DeploymentStatus.ROLLBACK_FAILED,
)


@contextmanager
def _carried_out(journal: Journal, environment: Environment, way: _Way) -> Iterator[Run]:
    run = Run(journal)
    journal.write(StatusChanged(status=way.inside))
    try:
        with run.stage("conductor"):
            yield run
        changed = run.changed if way is FORTH else None
        journal.write(StatusChanged(status=way.good, changed=changed))
    except (Exception, KeyboardInterrupt) as error:
        environment.on_error(error)
        _end_badly(journal, error, way)
    finally:
        environment.store.snapshot(journal.state)


def _end_badly(journal: Journal, error: BaseException, way: _Way) -> None:
    ours = as_ours(error)
    report = ErrorReport(
        agent=getattr(error, "agent", "conductor"),
        step=ours.step,
        host=ours.host,
        message=ours.message,
        cause=ours.cause,
        remediation=ours.remediation,
        exit_code=ours.exit_code,
    )
    journal.write(Failed(error=report))
    stopped = isinstance(ours, Interrupted)
    journal.write(StatusChanged(status=way.stopped if stopped else way.bad))


def who() -> str:
    """Who runs this, for people: `user@machine`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # Containers may run users that have no name.
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
