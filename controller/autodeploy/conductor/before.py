"""What the last deployment left, and whether a new one would change it."""

from __future__ import annotations

from autodeploy.conductor.command import Command
from autodeploy.contracts import BuildArtifact, DeploymentState, DeploymentStatus
from autodeploy.deployer import deployment_fingerprint, is_healthy
from autodeploy.journal import DirectoryStore, Journal
from autodeploy.journal.events import (
    HostPrepared,
    HostsKnown,
    ReleaseActivated,
    ResourceDone,
    SecurityReviewed,
)
from autodeploy.settings import Settings


def last_completed(store: DirectoryStore, command: Command) -> DeploymentState | None:
    """The newest run of the application that ended well, if it was a deployment."""
    states = store.states(command.name, command.settings.environment)
    ended = [state for state in states if state.status is DeploymentStatus.COMPLETED]
    return ended[-1] if ended and ended[-1].operation == "deploy" else None


def unchanged(
    before: DeploymentState, artifact: BuildArtifact, settings: Settings, journal: Journal
) -> bool:
    """Whether what `before` left runs this very artifact, well.

    If so the journal takes over what is there, so that its state is whole by itself.
    """
    running = before.deployment
    if running is None or running.fingerprint != deployment_fingerprint(artifact, settings):
        return False
    if not is_healthy(running.url, running.health_path):
        return False
    for one in before.resources:
        journal.write(ResourceDone(action="none", key=one.key, type=one.type, id=one.id))
    journal.write(HostsKnown(hosts=before.hosts))
    for host, fingerprint in before.prepared.items():
        journal.write(HostPrepared(host=host, fingerprint=fingerprint))
    journal.write(ReleaseActivated(deployment=running))
    if before.security:
        journal.write(SecurityReviewed(security=before.security))
    return True
