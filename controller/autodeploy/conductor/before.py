"""Whether a deployment would change what the one before it left."""

from __future__ import annotations

from pathlib import Path

from autodeploy.contracts import BuildArtifact, DeploymentState
from autodeploy.deployer import Outside, deployment_fingerprint, is_live
from autodeploy.journal import Journal
from autodeploy.journal.events import (
    HostPrepared,
    HostsKnown,
    ReleaseActivated,
    ResourceDone,
    SecurityReviewed,
)
from autodeploy.settings import Settings


def unchanged(
    before: DeploymentState,
    artifact: BuildArtifact,
    settings: Settings,
    journal: Journal,
    authority: Path | None,
) -> bool:
    """Whether what `before` left runs this very artifact, well: one look, no call of AWS's.

    If so the journal takes over what is there, so that its state is whole by itself.
    """
    running = before.deployment
    if running is None or running.fingerprint != deployment_fingerprint(artifact, settings):
        return False
    outside = Outside(running.url, running.load_balancer, authority)
    if not is_live(outside, running):
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
