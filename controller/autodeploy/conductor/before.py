"""Whether a deployment would change what the one before it left."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from autodeploy.contracts import ApplicationState, BuildArtifact, DeploymentConfig, DeploymentState
from autodeploy.deployer import Outside, deployment_fingerprint, is_live
from autodeploy.journal import Journal
from autodeploy.journal.events import (
    HostPrepared,
    HostSecured,
    HostsKnown,
    ReleaseActivated,
    ResourceDone,
    SecurityReviewed,
)
from autodeploy.settings import Settings


def is_known_well(known: ApplicationState) -> bool:
    """Whether nothing has come as far as the hosts since the live deployment.

    What did may have put another release on some, or was to install what they still lack. Nor may
    some hosts be in maintenance and others not.
    """
    before = known.live
    is_same = before is not None and before.hosts == known.hosts
    return is_same and not known.touched and known.maintenance_done


def unchanged(
    before: DeploymentState,
    artifact: BuildArtifact,
    settings: Settings,
    secrets: str | None,
    restart: str | None,
    journal: Journal,
    authority: Path | None,
) -> bool:
    """Whether what `before` left runs this very artifact, well: a look, no call of AWS's.

    If so the journal takes over what is there, so that its state is whole by itself.
    """
    running = before.deployment
    wanted = deployment_fingerprint(artifact, settings, secrets, restart)
    if running is None or running.fingerprint != wanted:
        return False
    if running.url is None:
        journal.agent("deployer").info("no client reaches it, so what runs is not looked at")
    looks = [Outside(url, running.front, authority) for url in _urls(before, running)]
    if not all(is_live(outside, running) for outside in looks):
        return False
    for one in before.resources:
        journal.write(ResourceDone(action="none", key=one.key, type=one.type, id=one.id))
    journal.write(HostsKnown(hosts=before.hosts, host_settings=before.host_settings))
    for host, fingerprint in before.prepared.items():
        journal.write(HostPrepared(host=host, fingerprint=fingerprint))
    for host, security in before.secured.items():
        journal.write(HostSecured(host=host, security=security))
    journal.write(ReleaseActivated(deployment=running))
    if before.security:
        journal.write(SecurityReviewed(security=before.security))
    return True


def _urls(before: DeploymentState, running: DeploymentConfig) -> set[str]:
    """Where to look: hosts that exist serve each by itself, but the one that a domain means."""
    if running.url is None:
        return set()
    parts = urlsplit(running.url)
    if before.target == "ssh" and parts.scheme != "https":
        port = f":{parts.port}" if parts.port else ""
        return {f"{parts.scheme}://{host.address}{port}/" for host in before.hosts}
    return {running.url}
