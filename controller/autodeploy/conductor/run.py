"""A run: begun in the journal before anything else, ended in it whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType

from autodeploy import __version__, stopping
from autodeploy.conductor.command import Command, Environment
from autodeploy.contracts import DeploymentState, DeploymentStatus, ErrorReport, Operation
from autodeploy.errors import AutodeployError, CloudError, Interrupted, LeaseLost, StateError
from autodeploy.journal import AgentLog, Journal, ways_after
from autodeploy.journal.events import Failed, StageEnded, StageStarted, StatusChanged
from autodeploy.runner import end_survivors
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
        found: Its state when this began: `pending`, where it is new.
        changed: Whether anything was changed; said at completion.
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.found = journal.state
        self.changed = True

    def stage(self, agent: str) -> Stage:
        """Begin an agent's run.

        Raises:
            Interrupted: The user has asked to stop.
        """
        stopping.check()
        return Stage(self.journal, agent)


@contextmanager
def alone(operation: str, command: Command, environment: Environment) -> Iterator[None]:
    """Inside nobody else works on the application, nor anything that a killed controller left."""
    settings, store = command.settings, environment.store
    with (
        store.lease(command.name, settings.environment, operation, settings.lock_wait) as lease,
        stopping.at_safe_points(),
        stopping.guarded(lease.check),
    ):
        lease.on_lost = stopping.lose
        end_survivors(store.application_folder(command.name, settings.environment))
        yield


@contextmanager
def begun(operation: Operation, command: Command, environment: Environment) -> Iterator[Run]:
    """A run that is `pending`, then `running` inside, and ended afterwards, well or not.

    What goes wrong inside ends here: the journal has it, and so has the run's state.

    Raises:
        LeaseHeld: Another controller works on the application; no run was begun.
        Interrupted: The user has asked to stop; no run was begun.
    """
    with (
        alone(operation, command, environment),
        recorded(operation, command, environment) as run,
    ):
        yield run


@contextmanager
def recorded(operation: Operation, command: Command, environment: Environment) -> Iterator[Run]:
    """The same, inside `alone`."""
    settings = command.settings
    stopping.check()
    environment.before_begin()
    journal = environment.store.create(
        operation=operation,
        application=command.name,
        environment=settings.environment,
        target=settings.target,
        region=settings.region,
        repository=command.shown_repository,
        tool_version=__version__,
        command=command.line if operation == "deploy" else None,
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


@dataclass(frozen=True)
class Way:
    """How a run goes on that was begun before: its name, its statuses inside and at the end."""

    operation: str
    inside: DeploymentStatus
    good: DeploymentStatus
    bad: DeploymentStatus
    stopped: DeploymentStatus


FORTH = Way(
    operation="retry",
    inside=DeploymentStatus.RUNNING,
    good=DeploymentStatus.COMPLETED,
    bad=DeploymentStatus.FAILED,
    stopped=DeploymentStatus.CANCELLED,
)
BACK = Way(
    operation="rollback",
    inside=DeploymentStatus.ROLLING_BACK,
    good=DeploymentStatus.ROLLED_BACK,
    bad=DeploymentStatus.ROLLBACK_FAILED,
    stopped=DeploymentStatus.ROLLBACK_FAILED,
)


@contextmanager
def resumed(
    identifier: str,
    way: Way,
    command: Command,
    environment: Environment,
    agree: Callable[[Journal], AbstractContextManager[None]],
) -> Iterator[Run]:
    """A run that goes on in its own log, forth or back; otherwise as `begun`.

    `agree` is asked once nobody else can work on the application, and left while that is so; what
    it raises at first ends it there, and leaves the run and its log as they were.

    Raises:
        LeaseHeld: Another controller works on the application; nothing was begun.
        TransitionRefused: The run is in no status that leads there.
    """
    store = environment.store
    with alone(way.operation, command, environment):
        journal = store.open(identifier, environment.listener)
        with ExitStack() as agreed:
            with journal.unkept():
                agreed.enter_context(agree(journal))
            environment.before_begin()
            _bury(journal)
            with _carried_out(journal, environment, way) as run:
                yield run


def _bury(journal: Journal) -> None:
    """Let the log of a run whose controller was killed say so."""
    last = journal.state.stages[-1].agent if journal.state.stages else "conductor"
    for status in DEAD.get(journal.state.status, ()):
        if status is not DeploymentStatus.RUNNING:
            journal.write(Failed(error=ErrorReport.of(Interrupted("its process was ended"), last)))
        journal.write(StatusChanged(status=status))


@contextmanager
def _carried_out(journal: Journal, environment: Environment, way: Way) -> Iterator[Run]:
    run = Run(journal)
    journal.write(StatusChanged(status=way.inside))
    stage = Stage(journal, "conductor")  # No safe point: a run that is begun ends inside.
    try:
        with stage:
            yield run
        _tell_too_late(run, way)
        changed = run.changed if way is FORTH else None
        journal.write(StatusChanged(status=way.good, changed=changed))
    except (Exception, KeyboardInterrupt) as error:
        environment.on_error(error)
        _end_badly(journal, environment, error, way)
    finally:
        with suppress(StateError, CloudError):  # It is for people; the log has it all.
            environment.store.snapshot(journal.state)


def _tell_too_late(run: Run, way: Way) -> None:
    """Who has asked to stop hears that all was done: it is no failure, and looks like no answer."""
    if not stopping.asked.is_set() or stopping.lost():
        return
    state, done = run.journal.state, "all of it is done"
    if way is FORTH and run.changed and state.deployment:
        named = f"{state.application} -e {state.environment}"
        done = (
            f"release {state.deployment.release} is live; `autodeploy rollback {named}` goes back"
        )
    run.journal.agent("conductor").warning(f"too late to stop: {done}")


def _end_badly(journal: Journal, environment: Environment, error: BaseException, way: Way) -> None:
    ours = _told(error)
    status = way.stopped if isinstance(ours, Interrupted) else way.bad
    if isinstance(ours, Interrupted | LeaseLost):
        ended = journal.state.model_copy(update={"status": status})
        ours.remediation = _how_to_go_on(ended, environment) or ours.remediation
    journal.write(Failed(error=ErrorReport.of(ours, getattr(error, "agent", "conductor"))))
    journal.write(StatusChanged(status=status))


def _how_to_go_on(ended: DeploymentState, environment: Environment) -> str | None:
    """The commands that lead on from what a stopped run has left; None where none can be told."""
    goes = ended.command is not None and ended.command.on_failure == "rollback"
    if goes and ended.status is DeploymentStatus.CANCELLED and not stopping.is_final():
        return UNDONE
    with suppress(StateError, CloudError):
        runs = environment.store.states(ended.application, ended.environment)
        ways = [f"`{one}`" for one in ways_after(runs, ended)]
        return f"Go on with {', or go back with '.join(ways)}." if ways else None
    return None


UNDONE = (
    "What a first deployment has made goes now, as --on-failure says; what leads on from anything "
    "else is told below."
)


def _told(error: BaseException) -> AutodeployError:
    if lost := stopping.lost():
        return as_ours(lost)
    if stopping.asked.is_set() or isinstance(error, KeyboardInterrupt):
        # What was stopped tells it in its own way.
        silent = isinstance(error, KeyboardInterrupt | Interrupted)
        return Interrupted("stopped by the user", cause=None if silent else str(error))
    return as_ours(error)
