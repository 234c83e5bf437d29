"""One run's log: written by all agents, through one lock, one line at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from autodeploy.contracts import DeploymentState
from autodeploy.errors import AutodeployError, StateError
from autodeploy.journal import events as e
from autodeploy.journal.fold import step
from autodeploy.journal.lease import Lease
from autodeploy.journal.log import Log
from autodeploy.strangers import locate

MAY_WAIT = (e.LogLine, e.StepEnded)
"""What people read. All else is what the next controller goes on from."""
Listener = Callable[[e.Heard], None]


class Journal:
    """The open log of one run. Safe to use from several threads.

    The fold runs before the write, so that an event which no state allows is never in the log.

    Attributes:
        clock: What time it is, in UTC.
    """

    def __init__(
        self,
        log: Log,
        history: list[e.AnyEvent],
        listener: Listener | None = None,
        lease: Lease | None = None,
        first: e.AnyEvent | None = None,
    ):
        """Open a log whose events are `history`.

        Args:
            log: Where its lines are kept.
            history: Its events so far.
            listener: Hears new events, one at a time.
            lease: Without it nothing is written.
            first: What has to be written before anything else is.
        """
        self._log = log
        self._events = history
        self._listener = listener
        self._lease = lease
        self._first = first
        self._is_kept = True
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._lock = threading.RLock()
        self._state: DeploymentState | None = None
        for event in history:
            self._state = step(self._state, event)

    @property
    def path(self) -> Path:
        """Where the log lies on this machine."""
        return self._log.path

    @property
    def state(self) -> DeploymentState:
        """The fold of all events so far."""
        if self._state is None:
            raise StateError("the log is empty", step="journal")
        return self._state

    def write(self, event: e.AnyEvent) -> DeploymentState:
        """Append the event and give the state after it.

        The event is durable when this returns; talk and steps at the latest with what follows.

        Raises:
            TransitionRefused: The state machine does not draw it; nothing was written.
            LeaseLost: Another controller works on the application; nothing was written.
            StateError: The disk or the bucket refused it; nothing was written.
        """
        with self._lock:
            if not self._is_kept:
                self._tell(e.stamped(event, len(self._events) + 1, self._now()))
                return self.state
            if self._first and event is not self._first:
                self.write(self._first)
                self._first = None
            event = e.stamped(event, len(self._events) + 1, self._now())
            state = step(self._state, event)
            before = self._state
            durable = not isinstance(event, MAY_WAIT)
            # Where Ctrl-C comes in the midst of this, nothing of the event is anywhere.
            self._allow(event, durable=durable)
            line = event.model_dump_json() + "\n"
            # First in memory: where Ctrl-C comes in the midst, no other line gets this number.
            self._events.append(event)
            self._state = state
            try:
                self._log.append(event.seq, line.encode(), durable=durable)
            except AutodeployError:
                self._events.pop()
                self._state = before
                raise
            self._tell(event)
            return state

    @contextmanager
    def unkept(self) -> Iterator[None]:
        """Inside, what is written is told, and is in no log: it belongs to a look before a run."""
        self._is_kept = False
        try:
            yield
        finally:
            self._is_kept = True

    def tell(self, event: e.StepStarted) -> None:
        """Let the listener hear what is in no log."""
        with self._lock:
            self._tell(event)

    def agent(self, name: str) -> AgentLog:
        """The log as one agent sees it."""
        return AgentLog(self, name)

    def _tell(self, event: e.Heard) -> None:
        if self._listener:
            self._listener(event)

    def _now(self) -> datetime:
        """UTC, and never before the event before it: a clock may jump back, a log may not."""
        now = self.clock()
        last = self._events[-1].time if self._events else None
        return max(now, last) if last else now

    def _allow(self, event: e.AnyEvent, *, durable: bool) -> None:
        if durable and self._lease:
            self._lease.check()
        if self._lease and isinstance(event, e.ResourceIntended | e.SecretsChanged):
            # A key that dies with this machine opens nothing then.
            self._lease.share()


class AgentLog:
    """What an agent may write; each line names the agent."""

    def __init__(self, journal: Journal, agent: str) -> None:
        self._journal = journal
        self._agent = agent

    def info(self, message: str) -> None:
        """Say something to people."""
        self._journal.write(e.LogLine(agent=self._agent, level="info", message=message))

    def warning(self, message: str) -> None:
        """Say something that people should act on."""
        self._journal.write(e.LogLine(agent=self._agent, level="warning", message=message))

    def write(self, event: e.AnyEvent) -> None:
        """Journal an event of this agent's work."""
        self._journal.write(event)

    def tell(self, event: e.StepStarted) -> None:
        """See `Journal.tell`."""
        self._journal.tell(event)

    @contextmanager
    def step(self, name: str, host: str | None = None) -> Iterator[None]:
        """Time a step; its failure is journalled and goes on upwards, with where it happened."""
        started = time.monotonic()
        self.tell(e.StepStarted(agent=self._agent, step=name, host=host))
        try:
            yield
        except BaseException as error:
            locate(error, name, host)
            self._ended(name, host, started, failed=True)
            raise
        self._ended(name, host, started, failed=False)

    def _ended(self, name: str, host: str | None, started: float, *, failed: bool) -> None:
        seconds = round(time.monotonic() - started, 3)
        self._journal.write(
            e.StepEnded(
                agent=self._agent,
                step=name,
                host=host,
                seconds=seconds,
                outcome="failed" if failed else "ok",
            )
        )
