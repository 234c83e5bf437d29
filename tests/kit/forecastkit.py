"""Runs and settings that forecasts are made from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from autodeploy.contracts import (
    Action,
    ApplicationState,
    DeploymentState,
    DeploymentStatus,
    Forecast,
    Outage,
    Permissions,
    Plan,
    PlannedAction,
    Prediction,
    Stage,
    TechStack,
    Timeline,
)
from autodeploy.journal.application import application
from autodeploy.settings import Settings
from statekit import running

BEGUN = datetime(2026, 11, 27, tzinfo=UTC)
HOST = "AWS::EC2::Instance"
STACK = TechStack(language="go", processes={"web": "run"})
SETTINGS = Settings(target="lab", harden=False)


def planned(*actions: tuple[str, Action], **more: Any) -> Plan:
    """A plan of (type, action) pairs; `more` is of each action."""
    return Plan(
        actions=tuple(
            PlannedAction(key=f"one-{number}", type=kind, action=what, reason="why", **more)
            for number, (kind, what) in enumerate(actions)
        )
    )


def prediction(work: str, *resources: PlannedAction) -> Prediction:
    """One of that work, otherwise of nothing."""
    return Prediction(
        resources=resources,
        forecast=Forecast(
            work=work,
            timeline=Timeline(p50=1, p95=2, stages=(), basis="nothing"),
            downtime=Outage(seconds=0, reason="none"),
            permissions=Permissions(),
            undo=(),
        ),
    )


def run(
    number: int = 1,
    *,
    seconds: float = 10,
    work: str | None = None,
    stages: Sequence[tuple[str, float, float]] = (),
    **more: Any,
) -> DeploymentState:
    """A deployment that has completed.

    Args:
        number: Which, by time.
        seconds: How long it took.
        work: What it foresaw to be; None where it foresaw nothing.
        stages: Of each the agent, when it began, and when it ended, in seconds.
        more: Other fields.
    """
    begun = BEGUN + timedelta(hours=number)

    def at(after: float) -> datetime:
        return begun + timedelta(seconds=after)

    given = {
        "deployment": running(f"r{number}"),
        "stack": STACK,
        "foreseen": prediction(work) if work else None,
        "stages": tuple(
            Stage(agent=agent, started_at=at(start), completed_at=at(end), status="completed")
            for agent, start, end in stages
        ),
        **more,
    }
    said = {"operation": "deploy", "application": "shop", "environment": "production"}
    return DeploymentState(
        id=f"2026{number:04}-aaaa",
        status=DeploymentStatus.COMPLETED,
        target="lab",
        created_at=begun,
        completed_at=at(seconds),
        **{**said, **given},
    )


def live(**more: Any) -> ApplicationState:
    """An application that one deployment has left; `more` is that one's."""
    return application([run(**more)])
