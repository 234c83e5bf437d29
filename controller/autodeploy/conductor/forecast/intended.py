"""What a forecast is made of. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from autodeploy.contracts import ApplicationState, DeploymentConfig, Plan, TechStack
from autodeploy.settings import Settings


@dataclass(frozen=True)
class Intended:
    """A deployment, and what it meets.

    Attributes:
        known: The application, as it is; None where it was never deployed.
        stack: What is deployed.
        settings: All settings of that.
        plan: What is done to the infrastructure; an empty one on hosts that exist.
        commit: The source's; None for a folder without commits.
        is_nothing: Whether it is known that there is nothing to do.
    """

    known: ApplicationState | None
    stack: TechStack
    settings: Settings
    plan: Plan
    commit: str | None = None
    is_nothing: bool = False

    @property
    def is_same_source(self) -> bool:
        """Whether what is live is made of the same: then nothing need be built."""
        live = self.known.live if self.known else None
        return bool(live and self.commit and live.commit == self.commit)

    @property
    def running(self) -> DeploymentConfig | None:
        """What is live; None where nothing is."""
        return self.known.live.deployment if self.known and self.known.live else None
