"""A release on every host, gated by its health on each hop; the one before serves otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from autodeploy.aws import Cloud
from autodeploy.contracts import (
    BuildArtifact,
    DeploymentConfig,
    InfrastructureSpec,
    TechStack,
)
from autodeploy.deployer.failure import unhealthy
from autodeploy.deployer.fingerprints import deployment_fingerprint, release_name
from autodeploy.deployer.goingback import go_back
from autodeploy.deployer.health import Outside, gate
from autodeploy.deployer.rollout import Rollout
from autodeploy.deployer.targets import target_health
from autodeploy.deployer.variables import (
    Given,
    environment,
    prepare_variables,
    release_variables,
)
from autodeploy.errors import AutodeployError, TaskFailed
from autodeploy.journal import AgentLog
from autodeploy.journal.events import ReleaseActivated
from autodeploy.runner import INVENTORY, pin, write_inventory
from autodeploy.settings import Settings


@dataclass(frozen=True)
class Candidate:
    """What is to be released, and where.

    Attributes:
        artifact: What.
        spec: The hosts.
        stack: For the health path.
        settings: For the application's variables and its port.
        given: More variables of the application's, such as where its database is. Those in the
            settings win.
    """

    artifact: BuildArtifact
    spec: InfrastructureSpec
    stack: TechStack
    settings: Settings
    given: Given

    @property
    def name(self) -> str:
        """The release's name on the hosts."""
        return release_name(self.artifact, self.settings, self.spec.database)

    @property
    def health_path(self) -> str:
        """The path that tells its health."""
        return self.stack.health_path or "/"


def release(
    rollout: Rollout,
    candidate: Candidate,
    cloud: Cloud | None,
    folder: Path,
    log: AgentLog,
    authority: Path | None = None,
) -> DeploymentConfig:
    """Have every host run the release, and give it the traffic once it is healthy.

    Args:
        rollout: Over the hosts, prepared.
        candidate: What is released.
        cloud: Asked about the hosts' load balancer where that does not answer; None without AWS.
        folder: The application's private folder.
        log: The Deployer's log.
        authority: See Outside.

    Raises:
        UnhealthyRelease: It is not healthy; the release before serves on every host.
        HostError: A host could not be brought that far; the others are as with UnhealthyRelease.
    """
    spec = candidate.spec
    try:
        _roll_out(rollout, candidate, folder)
        status = None
        if spec.url:
            outside = Outside(spec.url, spec.load_balancer, authority)
            reason = partial(target_health, cloud, spec)
            status = gate(outside, candidate.health_path, log, reason=reason)
    except AutodeployError as error:
        go_back(spec, rollout.facts, folder, log, error)
        raise
    config = DeploymentConfig(
        release=candidate.name,
        artifact=candidate.artifact.digest,
        url=spec.url,
        load_balancer=spec.load_balancer,
        processes=candidate.artifact.processes,
        health_path=candidate.health_path,
        health_status=status,
        hosts=tuple(host.name for host in spec.hosts),
        fingerprint=deployment_fingerprint(candidate.artifact, candidate.settings),
    )
    log.write(ReleaseActivated(deployment=config))
    return config


def _roll_out(rollout: Rollout, candidate: Candidate, folder: Path) -> None:
    """Tell the play what to release; once it is, the inventory for people has it too."""
    spec = candidate.spec
    plain, secret = environment(candidate.given, candidate.settings)
    variables = {
        **release_variables(
            spec, candidate.artifact, candidate.stack, candidate.settings, candidate.name
        ),
        "environment_variables": plain,
    }
    try:
        rollout.give_release(variables, {"environment_secrets": secret})
    except TaskFailed as error:
        raise unhealthy(error) or error from None
    # On disk the secrets' names alone.
    names = {"environment_secrets": dict.fromkeys(secret)}
    everything = {**prepare_variables(spec, candidate.artifact.runtime), **variables, **names}
    write_inventory(spec, folder / INVENTORY, pin(spec.hosts, folder), everything)
