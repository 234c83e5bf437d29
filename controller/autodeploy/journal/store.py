"""Where logs lie: one folder a run, `deployments/ID/events.jsonl`, below a root.

`deployments/ID/state.json` is a snapshot for people; nothing reads it back. `artifact.json` beside
it describes what the run has built, and `sbom.json` says of what.
"""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from autodeploy.contracts import ApplicationState, BuildArtifact, DeploymentState
from autodeploy.errors import NotDeployed, StateError
from autodeploy.journal import events as e
from autodeploy.journal.application import application
from autodeploy.journal.fold import fold
from autodeploy.journal.journal import Journal, Listener
from autodeploy.paths import private_folder


class DirectoryStore:
    """Logs in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def application_folder(self, application: str, environment: str) -> Path:
        """The private folder of one application: its keys, pinned host keys and lease."""
        return private_folder(self.root / "applications" / application / environment)

    def create(
        self,
        *,
        operation: Literal["deploy", "destroy", "adopt"],
        application: str,
        environment: str,
        target: str,
        region: str | None,
        repository: str | None,
        tool_version: str,
        listener: Listener | None = None,
    ) -> Journal:
        """Begin a log: on disk, with status `pending`, when this returns."""
        identifier = new_id()
        folder = private_folder(self.root / "deployments" / identifier)
        journal = Journal(folder / "events.jsonl", [], listener)
        journal.write(
            e.Created(
                id=identifier,
                operation=operation,
                application=application,
                environment=environment,
                target=target,
                region=region,
                repository=repository,
                tool_version=tool_version,
            )
        )
        return journal

    def open(self, identifier: str, listener: Listener | None = None) -> Journal:
        """The log of a run that goes on.

        Raises:
            NotDeployed: There is no such run.
            StateError: Its log cannot be read.
        """
        return Journal(self._path(identifier), self.history(identifier), listener)

    def ids(self) -> list[str]:
        """All runs, oldest first."""
        folder = self.root / "deployments"
        return sorted(path.parent.name for path in folder.glob("*/events.jsonl"))

    def history(self, identifier: str) -> list[e.AnyEvent]:
        """The events of one run; a last line that a crash cut off is left out.

        Raises:
            NotDeployed: There is no such run.
            StateError: A line before the last is no event.
        """
        path = self._path(identifier)
        try:
            lines = path.read_bytes().split(b"\n")
        except FileNotFoundError as error:
            raise NotDeployed(f"there is no deployment {identifier}") from error
        return [_parsed(path, number, line) for number, line in enumerate(lines[:-1], 1)]

    def state(self, identifier: str) -> DeploymentState:
        """The state of one run."""
        return fold(self.history(identifier))

    def states(self, application: str, environment: str) -> list[DeploymentState]:
        """All runs of one application, oldest first; runs that cannot be read are left out."""
        found = []
        for identifier in self.ids():
            created = self._created(identifier)
            if created and (created.application, created.environment) == (application, environment):
                found.append(self.state(identifier))
        return found

    def application(self, name: str, environment: str) -> ApplicationState | None:
        """What all runs of an application left; None where it has none."""
        runs = self.states(name, environment)
        return application(runs) if runs else None

    def applications(self) -> list[tuple[str, str]]:
        """All (application, environment) pairs that have a run, sorted."""
        created = (self._created(identifier) for identifier in self.ids())
        return sorted({(one.application, one.environment) for one in created if one})

    def snapshot(self, state: DeploymentState) -> None:
        """Write `state.json` for people, whole or not at all."""
        self._write(state.id, "state.json", state.model_dump_json(indent=2) + "\n")

    def keep(self, identifier: str, artifact: BuildArtifact) -> None:
        """Write down what a run has built, and of what: the cache may go."""
        self._write(identifier, "artifact.json", artifact.model_dump_json(indent=2) + "\n")
        self._write(identifier, "sbom.json", artifact.sbom.read_text())

    def artifact(self, identifier: str) -> BuildArtifact | None:
        """What a run has built; None where it has built nothing that this version can read."""
        path = self._path(identifier).with_name("artifact.json")
        try:
            return BuildArtifact.model_validate_json(path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def sbom(self, identifier: str) -> str:
        """What a run's artifact is made of: a CycloneDX document.

        Raises:
            NotDeployed: The run has built nothing.
        """
        try:
            return self._path(identifier).with_name("sbom.json").read_text()
        except FileNotFoundError as error:
            raise NotDeployed(
                f"the deployment {identifier} has no bill of materials",
                cause="it has built nothing, or an older version of autodeploy made it",
                remediation="Deploy again: each deployment writes one.",
            ) from error

    def _write(self, identifier: str, name: str, text: str) -> None:
        """Write a file beside a run's log, whole or not at all."""
        path = self._path(identifier).with_name(name)
        temporary = path.with_suffix(".tmp")
        temporary.write_text(text)
        temporary.replace(path)

    def _path(self, identifier: str) -> Path:
        if os.sep in identifier or identifier in {"", ".", ".."}:
            raise NotDeployed(f"{identifier!r} is not the id of a deployment")
        return self.root / "deployments" / identifier / "events.jsonl"

    def _created(self, identifier: str) -> e.Created | None:
        with self._path(identifier).open("rb") as log:
            line = log.readline()
        try:
            event = e.parse(line)
        except ValidationError:
            return None
        return event if isinstance(event, e.Created) else None


def new_id() -> str:
    """A run's id: it sorts by time (to the microsecond) and is unique."""
    return f"{datetime.now(UTC):%Y%m%dt%H%M%S%f}-{secrets.token_hex(2)}"


def _parsed(path: Path, number: int, line: bytes) -> e.AnyEvent:
    try:
        return e.parse(line)
    except ValidationError as error:
        raise StateError(
            f"line {number} of {path} is no event that this version knows",
            cause=str(error.errors()[0]["msg"]),
            remediation="Use the version of autodeploy that wrote it, or a newer one.",
        ) from error
