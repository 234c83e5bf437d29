"""A log that is thrown away: what only looks is no part of any run."""

from __future__ import annotations

from pathlib import Path

from autodeploy import __version__
from autodeploy.contracts import InfrastructureSpec
from autodeploy.journal.directory import DirectoryStore
from autodeploy.journal.journal import AgentLog, Listener


def notebook(
    spec: InfrastructureSpec, folder: Path, agent: str, listener: Listener | None
) -> AgentLog:
    """A log for a look at an application's hosts.

    Args:
        spec: Whose hosts.
        folder: Where it is kept; the caller removes it.
        agent: Whose it is.
        listener: Hears every event.
    """
    journal = DirectoryStore(folder).create(
        operation="deploy",
        application=spec.application,
        environment=spec.environment,
        target=spec.target,
        region=spec.region,
        repository=None,
        tool_version=__version__,
        listener=listener,
    )
    return journal.agent(agent)
