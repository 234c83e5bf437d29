"""What tells a release from another that is made of the same: its secrets, and a restart."""

from __future__ import annotations

from autodeploy import deployer
from autodeploy.aws import Cloud
from autodeploy.conductor import secrets
from autodeploy.conductor.account import open_cloud
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.kept import Kept, kept, values
from autodeploy.conductor.run import Run
from autodeploy.contracts import SECRETS, ApplicationState, PlannedAction
from autodeploy.settings import Settings


class Marks:
    """Those of the release that a deployment makes.

    Attributes:
        planned: What `complete` does to what keeps the secrets in AWS.
    """

    def __init__(
        self, command: Command, environment: Environment, run: Run, known: ApplicationState | None
    ) -> None:
        """Those that hold as it begins."""
        self._command, self._environment, self._run = command, environment, run
        self._remembered = known.flags if known else {}
        self._before = known.live.deployment if known and known.live else None
        self._holds = known.secrets if known else None
        self.planned: PlannedAction | None = None

    @property
    def secrets(self) -> str | None:
        """The version of the application's secrets."""
        return self._holds.version if self._holds else None

    @property
    def restart(self) -> str | None:
        """As in `DeploymentConfig`; it stays, so that nothing is changed by the next deployment."""
        if self._command.restarts:
            return self._run.journal.state.id
        return self._before.restart if self._before else None

    @property
    def are_new(self) -> bool:
        """Whether they are others than those of the release that is live."""
        before = self._before
        return before is None or (before.secrets, before.restart) != (self.secrets, self.restart)

    def complete(self, settings: Settings) -> None:
        """Make what can be made of the secrets that are asked for.

        Raises:
            SecretsMissing: Only somebody can set some of them.
        """
        self.planned = secrets.planned(settings, self._holds)
        done = self._run.journal.state.done.get(SECRETS)
        if self.planned and done:  # This run has begun with it.
            self.planned = self.planned.model_copy(update={"action": done})
        wanted = secrets.generated(settings, self._holds, self._command)
        if not wanted.given:
            return
        cloud = None
        if settings.target != "ssh":
            flags = self._command.infrastructure_flags(self._remembered)
            cloud = open_cloud(self._command, self._environment, self._run, flags)
        place = self._place(cloud)
        self._holds = secrets.change(self._run, self._environment, place, self._holds, wanted)
        self._run.journal.agent("conductor").info(f"generated: {', '.join(wanted.given)}")

    def values(self, cloud: Cloud | None) -> deployer.Secrets:
        """The secrets themselves."""
        return values(self._place(cloud), self._holds)

    def _place(self, cloud: Cloud | None) -> Kept:
        return kept(self._command, self._environment, cloud, self._run.journal.state.id)
