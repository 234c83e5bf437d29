"""Applications, and the deployments of one, as rows. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from autodeploy.contracts import ApplicationState, DeploymentState
from autodeploy.pages.duration import duration
from autodeploy.pages.view import link

SHORT = 12


@dataclass(frozen=True)
class RunRow:
    """A deployment.

    Attributes:
        id: Its id.
        operation: What it was.
        status: Where it stands; `interrupted` where nobody goes on with it.
        began: When, UTC.
        took: For how long, without a rollback, for people; None until it has ended.
        commit: The source's; None where it has none.
        release: What it has brought to serve; None where nothing.
        by: Who has begun it; None where that is not known.
        error: What went wrong; None where nothing did.
    """

    id: str
    operation: str
    status: str
    began: datetime
    took: str | None
    commit: str | None
    release: str | None
    by: str | None
    error: str | None


@dataclass(frozen=True)
class ApplicationRow:
    """An application in one environment.

    Attributes:
        name: Its name.
        environment: Its environment.
        target: Where it lives.
        standing: How it is, by what is known: nobody is asked.
        release: What serves; None where nothing does.
        url: Where that answers; None where no client reaches it.
        link: The same, where a browser may go there.
        last: The newest deployment.
    """

    name: str
    environment: str
    target: str
    standing: str
    release: str | None
    url: str | None
    link: str | None
    last: RunRow


def application(known: ApplicationState, standing: str, *, interrupted: bool) -> ApplicationRow:
    """An application's row.

    Args:
        known: The application.
        standing: How it is, in words.
        interrupted: Whether nobody goes on with its newest deployment.
    """
    running = known.live.deployment if known.live else None
    return ApplicationRow(
        name=known.application,
        environment=known.environment,
        target=", ".join(filter(None, (known.target, known.region))),
        standing=standing,
        release=running.release if running else None,
        url=running.url if running else None,
        link=link(running.url) if running and running.url else None,
        last=run(known.last, interrupted=interrupted),
    )


def run(state: DeploymentState, *, interrupted: bool) -> RunRow:
    """A deployment's row; `interrupted` where nobody goes on with it."""
    error = state.failure or state.error
    return RunRow(
        id=state.id,
        operation=state.operation,
        status="interrupted" if interrupted else state.status.value,
        began=state.created_at,
        took=None if state.seconds is None else duration(state.seconds),
        commit=state.commit[:SHORT] if state.commit else None,
        release=state.deployment.release if state.deployment else None,
        by=state.by,
        error=error.message if error else None,
    )
