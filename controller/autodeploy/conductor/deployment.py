"""One deployment under way, as its stages share it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autodeploy import deployer, provisioner
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.marks import Marks
from autodeploy.conductor.run import Run
from autodeploy.contracts import (
    ApplicationState,
    DeploymentConfig,
    DeploymentState,
    Host,
    Source,
    TechStack,
)
from autodeploy.journal import who
from autodeploy.settings import Settings


@dataclass(frozen=True)
class Wanted:
    """What is to run.

    Attributes:
        source: The repository, as it was fetched.
        stack: What was found in it.
        settings: All settings of it.
    """

    source: Source
    stack: TechStack
    settings: Settings


@dataclass(frozen=True)
class Deployment:
    """What was asked for, where, and what that meets.

    Attributes:
        command: What was asked for.
        environment: Where.
        run: Its run, and with that its journal.
        known: The application as it was; None where it was never deployed.
    """

    command: Command
    environment: Environment
    run: Run
    known: ApplicationState | None

    @cached_property
    def marks(self) -> Marks:
        """Those of the release that is made."""
        return Marks(self.command, self.environment, self.run, self.known)

    @cached_property
    def folder(self) -> Path:
        """The application's private folder."""
        command = self.command
        return self.environment.store.application_folder(command.name, command.settings.environment)

    @property
    def believed(self) -> ApplicationState | None:
        """It, as far as hosts are believed to be as they were left; None with `--refresh`."""
        return None if self.command.refresh else self.known

    @property
    def before(self) -> DeploymentState | None:
        """What is live."""
        return self.known.live if self.known else None

    @property
    def running(self) -> DeploymentConfig | None:
        """The release that is live."""
        return self.before.deployment if self.before else None

    @property
    def occupied(self) -> tuple[Host, ...]:
        """Hosts that exist and have something of the application."""
        return self.known.occupied if self.known else ()

    @property
    def had_tls(self) -> bool:
        """Whether users may have come by HTTPS."""
        return bool(self.known and self.known.domains)

    @property
    def owner(self) -> provisioner.Owner:
        """Whose the resources are."""
        return self.command.owner(self.run.journal.state.id)

    @property
    def occasion(self) -> deployer.Occasion:
        """Of which the release is."""
        previous = self.running.release if self.running else None
        return deployer.Occasion(self.run.journal.state.id, who(), previous)
