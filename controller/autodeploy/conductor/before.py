"""Whether a deployment would change what the one before it left."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from autodeploy.conductor import existing, names
from autodeploy.conductor.building import Building
from autodeploy.conductor.deployment import Deployment, Wanted
from autodeploy.contracts import (
    ApplicationState,
    BuildArtifact,
    DeploymentConfig,
    DeploymentState,
    DeploymentStatus,
)
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


def is_up(deployment: Deployment, wanted: Wanted, building: Building) -> bool:
    """Whether the application is up with exactly this build: then nothing need be asked of AWS.

    If so the journal takes over what is there, so that its state is whole by itself.
    """
    if not _may_be_left(deployment, wanted.settings, building):
        return False
    before, artifact = deployment.before, building.here()
    if before is None or artifact is None:
        return False
    if not _runs(before, artifact, wanted.settings, deployment):
        return False
    _take_over(before, deployment.run.journal)
    return True


def on_same_hosts(deployment: Deployment, wanted: Wanted) -> Wanted | None:
    """What is wanted of hosts that exist, if those have just that, as far as shows without a login.

    It comes with what those hosts are known to be.
    """
    before, settings = deployment.before, wanted.settings
    if before is None or before.commit != wanted.source.commit:
        return None
    are_the_same = existing.are_named(before.hosts, settings.addresses)
    if not are_the_same or existing.leaving(deployment.occupied, before.hosts):
        return None
    said = settings.model_dump(include=settings.model_fields_set & before.host_settings.keys())
    if any(before.host_settings[name] != one for name, one in said.items()):
        return None
    return replace(wanted, settings=settings.model_copy(update=before.host_settings))


def is_known_well(known: ApplicationState) -> bool:
    """Whether nothing has come as far as the hosts since the live deployment.

    What did may have put another release on some, or was to install what they still lack. Nor may
    some hosts be in maintenance and others not.
    """
    before = known.live
    is_same = before is not None and before.hosts == known.hosts
    return is_same and not known.touched and known.maintenance_done


def _may_be_left(deployment: Deployment, settings: Settings, building: Building) -> bool:
    """Whether nothing that was asked for needs more than a look at what runs."""
    command, known = deployment.command, deployment.known
    if known is None or not is_known_well(known):
        return False
    if command.refresh or command.yes_data or command.approved or command.replaces:
        return False
    if deployment.run.found.status is not DeploymentStatus.PENDING:
        return False
    if settings.ends_tls(building.order.stack) and not _serves_tls(deployment.running):
        return False
    return not names.given_up(settings.domain, known)


def _serves_tls(running: DeploymentConfig | None) -> bool:
    return bool(running and (running.url or "").startswith("https:"))


def _runs(
    before: DeploymentState, artifact: BuildArtifact, settings: Settings, deployment: Deployment
) -> bool:
    """Whether what `before` left runs this very artifact, well: a look, no call of AWS's."""
    running, marks = before.deployment, deployment.marks
    wanted = deployment_fingerprint(artifact, settings, marks.secrets, marks.restart)
    if running is None or running.fingerprint != wanted:
        return False
    if running.url is None:
        log = deployment.run.journal.agent("deployer")
        log.info("no client reaches it, so what runs is not looked at")
    authority = deployment.environment.authority
    looks = [Outside(url, running.front, authority) for url in _urls(before, running)]
    return all(is_live(outside, running) for outside in looks)


def _take_over(before: DeploymentState, journal: Journal) -> None:
    for one in before.resources:
        journal.write(ResourceDone(action="none", key=one.key, type=one.type, id=one.id))
    journal.write(HostsKnown(hosts=before.hosts, host_settings=before.host_settings))
    for host, fingerprint in before.prepared.items():
        journal.write(HostPrepared(host=host, fingerprint=fingerprint))
    for host, security in before.secured.items():
        journal.write(HostSecured(host=host, security=security))
    if before.deployment:
        journal.write(ReleaseActivated(deployment=before.deployment))
    if before.security:
        journal.write(SecurityReviewed(security=before.security))


def _urls(before: DeploymentState, running: DeploymentConfig) -> set[str]:
    """Where to look: hosts that exist serve each by itself, but the one that a domain means."""
    if running.url is None:
        return set()
    parts = urlsplit(running.url)
    if before.target == "ssh" and parts.scheme != "https":
        port = f":{parts.port}" if parts.port else ""
        return {f"{parts.scheme}://{host.address}{port}/" for host in before.hosts}
    return {running.url}
