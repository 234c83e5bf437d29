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
        is_nothing: Whether it is known that there is nothing to do.
    """

    known: ApplicationState | None
    stack: TechStack
    settings: Settings
    plan: Plan
    is_nothing: bool = False

    @property
    def running(self) -> DeploymentConfig | None:
        """What is live; None where nothing is."""
        return self.known.live.deployment if self.known and self.known.live else None
