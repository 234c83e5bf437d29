"""Where logs lie: `deployments/ID/`, and what is private to an application: `applications/`.

`state.json` beside a log is a snapshot for people; nothing reads it back. `artifact.json` describes
what the run has built, and `sbom.json` says of what.
"""

from __future__ import annotations

import os
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from autodeploy import __version__
from autodeploy.contracts import (
    ApplicationState,
    BuildArtifact,
    CommandLine,
    DeploymentState,
    Operation,
)
from autodeploy.errors import NotDeployed, StateError
from autodeploy.journal import events as e
from autodeploy.journal import schema
from autodeploy.journal.application import application
from autodeploy.journal.fold import fold
from autodeploy.journal.journal import Journal, Listener
from autodeploy.journal.lease import Holding, Lease, who
from autodeploy.journal.log import Log

MOMENT = "%Y%m%dt%H%M%S%f"


class Store(ABC):
    """All runs of all applications. What follows is the same wherever they are kept.

    Attributes:
        say: Told what people should know at once, such as for whom is waited.
    """

    def __init__(self) -> None:
        self.say: Callable[[str], None] = lambda _: None
        self._leases: dict[tuple[str, str], Lease] = {}
        self._heads: dict[str, schema.Head] = {}
        self._folded: dict[str, tuple[int, DeploymentState]] = {}

    @abstractmethod
    def logs(self) -> Sequence[Log]:
        """The logs of all runs, oldest first."""

    @abstractmethod
    def log(self, identifier: str) -> Log:
        """The log of one run, whether it exists or not."""

    @abstractmethod
    def application_folder(self, application: str, environment: str) -> Path:
        """The private folder of one application on this machine: keys, inventory."""

    @abstractmethod
    def holder(self, application: str, environment: str) -> Holding | None:
        """Who works on an application now; None where nobody does."""

    @abstractmethod
    def unlock(self, application: str, environment: str, held: Holding) -> None:
        """Take the lease away from an owner who is gone.

        Raises:
            LeaseHeld: It is not gone, or another one has the lease by now.
        """

    @abstractmethod
    def _lease(self, application: str, environment: str, operation: str, wait: float) -> Lease:
        """The lease, not taken yet."""

    def lease(self, application: str, environment: str, operation: str, wait: float = 0) -> Lease:
        """The right to work on an application, for a `with`.

        Args:
            application: Its name.
            environment: Its environment.
            operation: What is to be done, for people.
            wait: Seconds to wait for another owner.
        """
        lease = self._lease(application, environment, operation, wait)
        self._leases[application, environment] = lease
        return lease

    def create(
        self,
        *,
        operation: Operation,
        application: str,
        environment: str,
        target: str,
        region: str | None,
        repository: str | None,
        tool_version: str,
        command: CommandLine | None = None,
        listener: Listener | None = None,
    ) -> Journal:
        """Begin a log: durable, with status `pending`, when this returns."""
        identifier = new_id(max(self.ids(), default=""))
        lease = self._leases.get((application, environment))
        journal = Journal(self.log(identifier), [], listener, lease)
        journal.write(
            e.Created(
                id=identifier,
                operation=operation,
                application=application,
                environment=environment,
                target=target,
                region=region,
                repository=repository,
                command=command,
                by=who(),
                tool_version=tool_version,
            )
        )
        return journal

    def open(self, identifier: str, listener: Listener | None = None) -> Journal:
        """The log of a run that goes on; a last line that a crash cut off is taken away.

        Raises:
            NotDeployed: There is no such run.
            StateError: Its log cannot be read.
        """
        history = self.history(identifier)
        state = fold(history)
        lease = self._leases.get((state.application, state.environment))
        is_older = schema.form_of(history) < e.SCHEMA
        migrated = e.Migrated(tool_version=__version__) if is_older else None
        return Journal(self.log(identifier), history, listener, lease, migrated)

    def ids(self) -> list[str]:
        """All runs, oldest first."""
        return [log.id for log in self.logs()]

    def history(self, identifier: str) -> list[e.AnyEvent]:
        """The events of one run; a last line that a crash cut off is left out.

        Raises:
            NotDeployed: There is no such run.
            StateError: Its log cannot be read.
        """
        return _history(self.log(checked(identifier)))

    def state(self, identifier: str) -> DeploymentState:
        """The state of one run; raises as `history`."""
        return fold(self.history(identifier))

    def states(self, application: str, environment: str) -> list[DeploymentState]:
        """All runs of one application, oldest first; raises as `history`.

        One that was cut off in its first line had not begun.
        """
        wanted = schema.Head(application, environment)
        return [self._state(log) for log in self.logs() if self._head(log) == wanted]

    def newest(self, count: int) -> list[DeploymentState]:
        """So many of the newest runs of all applications, oldest first; but what cannot be read."""
        found: list[DeploymentState] = []
        for log in self.logs()[-count:]:
            with suppress(StateError):
                found.append(self._state(log))
        return found

    def application(self, name: str, environment: str) -> ApplicationState | None:
        """What all runs of an application left; None where it has none."""
        runs = self.states(name, environment)
        return application(runs) if runs else None

    def applications(self) -> list[tuple[str, str]]:
        """All (application, environment) pairs that have a run, sorted."""
        return sorted({(one.application, one.environment) for one in self._by_head()})

    def every(self) -> dict[tuple[str, str], ApplicationState | StateError]:
        """All of them, sorted; in place of one whose state cannot be read, why."""
        found: dict[tuple[str, str], ApplicationState | StateError] = {}
        for head, logs in sorted(self._by_head().items()):
            try:
                found[head] = application([_deciding(log.name, log.lines()) for log in logs])
            except StateError as error:
                found[head] = error
        return found

    def _by_head(self) -> dict[schema.Head, list[Log]]:
        """The logs of each application, oldest first."""
        found: dict[schema.Head, list[Log]] = {}
        for log in self.logs():
            if head := self._head(log):
                found.setdefault(head, []).append(log)
        return found

    def _head(self, log: Log) -> schema.Head | None:
        """Whose a log is: asked once, for no later line says otherwise."""
        if log.id not in self._heads:
            head = schema.head(log.first())
            if head is None:
                return None
            self._heads[log.id] = head
        return self._heads[log.id]

    def _state(self, log: Log) -> DeploymentState:
        """A run's state, folded anew only where its log has changed."""
        lines = log.lines()
        seen = hash(tuple(lines))
        if log.id not in self._folded or self._folded[log.id][0] != seen:
            self._folded[log.id] = (seen, _deciding(log.name, lines))
        return self._folded[log.id][1]

    def snapshot(self, state: DeploymentState) -> None:
        """Write `state.json` for people, whole or not at all."""
        self.log(state.id).write("state.json", state.model_dump_json(indent=2) + "\n")

    def keep(self, identifier: str, artifact: BuildArtifact) -> None:
        """Write down what a run has built, and of what: the cache may go."""
        log = self.log(identifier)
        log.write("artifact.json", artifact.model_dump_json(indent=2) + "\n")
        log.write("sbom.json", artifact.sbom.read_text())

    def artifact(self, identifier: str) -> BuildArtifact | None:
        """What a run has built; None where it has built nothing that this version can read."""
        text = self.log(identifier).read("artifact.json")
        try:
            return BuildArtifact.model_validate_json(text) if text else None
        except ValidationError:
            return None

    def sbom(self, identifier: str) -> str:
        """What a run's artifact is made of: a CycloneDX document.

        Raises:
            NotDeployed: The run has built nothing.
        """
        text = self.log(identifier).read("sbom.json")
        if text is None:
            raise NotDeployed(
                f"the deployment {identifier} has no bill of materials",
                cause="it has built nothing, or an older version of autodeploy made it",
                remediation="Deploy again: each deployment writes one.",
            )
        return text


def new_id(newest: str = "") -> str:
    """A run's id: it sorts by time (to the microsecond) and is unique.

    Args:
        newest: The newest run's; the id sorts after it, though the clock has jumped back since.
    """
    now = f"{datetime.now(UTC):{MOMENT}}"
    before = newest.partition("-")[0]
    if now <= before:
        now = f"{datetime.strptime(before, MOMENT) + timedelta(microseconds=1):{MOMENT}}"
    return f"{now}-{secrets.token_hex(2)}"


def checked(identifier: str) -> str:
    """The id, where it is one.

    Raises:
        NotDeployed: It is none.
    """
    if os.sep in identifier or identifier in {"", ".", ".."}:
        raise NotDeployed(f"{identifier!r} is not the id of a deployment")
    return identifier


def _deciding(name: str, lines: Sequence[bytes]) -> DeploymentState:
    return fold(schema.events(f"the log {name}", lines, talk=False))


def _history(log: Log) -> list[e.AnyEvent]:
    return schema.events(f"the log {log.name}", log.lines())
