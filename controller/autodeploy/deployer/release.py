"""A release on every host, gated by its health on each hop; the one before serves otherwise."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from autodeploy.aws import Cloud
from autodeploy.contracts import (
    BuildArtifact,
    DeploymentConfig,
    InfrastructureSpec,
    TechStack,
    health_below,
)
from autodeploy.deployer.balancer import Balancer
from autodeploy.deployer.failure import unhealthy
from autodeploy.deployer.fingerprints import deployment_fingerprint, release_name
from autodeploy.deployer.goingback import go_back
from autodeploy.deployer.health import Outside, gate
from autodeploy.deployer.hooks import Occasion, facts, run_after
from autodeploy.deployer.rollout import Rollout
from autodeploy.deployer.targets import target_health
from autodeploy.deployer.variables import (
    Given,
    Secrets,
    environment,
    prepare_variables,
    release_variables,
    scaled,
)
from autodeploy.deployer.watching import watched
from autodeploy.errors import AutodeployError, TaskFailed
from autodeploy.journal import AgentLog
from autodeploy.journal.events import MigrationBegun, ReleaseActivated
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
        secrets: Its secrets, which win over both.
        occasion: Why.
        restart: As in `DeploymentConfig`.
        in_maintenance: Whether visitors meet a page in its place, on hosts that are new too.
    """

    artifact: BuildArtifact
    spec: InfrastructureSpec
    stack: TechStack
    settings: Settings
    given: Given
    secrets: Secrets
    occasion: Occasion
    restart: str | None = None
    in_maintenance: bool = False

    @property
    def name(self) -> str:
        """The release's name on the hosts."""
        made_of = (self.artifact, self.settings, self.spec.database)
        return release_name(*made_of, self.secrets.version, self.restart, self.spec.cache)

    @property
    def is_exclusive(self) -> bool:
        """Whether a release must stop before another can start."""
        return self.settings.port is not None and self.settings.protocol == "http"

    @property
    def facts(self) -> dict[str, str]:
        """What its hooks are told."""
        return facts(self.spec, self.spec.url, self.name, self.artifact.commit, self.occasion)

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
    spec, hooks = candidate.spec, candidate.settings.hooks
    balancer = None
    if cloud and spec.load_balancer:
        balancer = Balancer(cloud, spec, is_left=candidate.is_exclusive)
    if candidate.artifact.release_command:
        log.write(MigrationBegun(command=candidate.artifact.release_command))
    try:
        _roll_out(rollout, candidate, balancer, folder, log)
        status = None
        if spec.url:
            outside = Outside(spec.url, spec.load_balancer, authority)
            reason = partial(target_health, cloud, spec)
            below = health_below(candidate.health_path, candidate.settings.health_status)
            status = gate(outside, candidate.health_path, below, log, reason=reason)
    except AutodeployError as error:
        go_back(spec, rollout.facts, balancer, folder, log, error)
        raise
    finally:
        if balancer:
            balancer.restore(log)
    config = DeploymentConfig(
        release=candidate.name,
        artifact=candidate.artifact.digest,
        url=spec.url,
        load_balancer=spec.load_balancer,
        processes=scaled(candidate.artifact.processes, candidate.settings.scale),
        jobs=candidate.artifact.jobs,
        health_path=candidate.health_path,
        health_highest=candidate.settings.health_status,
        health_status=status,
        hosts=tuple(host.name for host in spec.hosts),
        is_exclusive=candidate.is_exclusive,
        hooks=hooks.model_dump(exclude_none=True),
        secrets=candidate.secrets.version,
        restart=candidate.restart,
        fingerprint=deployment_fingerprint(
            candidate.artifact, candidate.settings, candidate.secrets.version, candidate.restart
        ),
    )
    log.write(ReleaseActivated(deployment=config))
    told = (config.release, candidate.facts)
    run_after(spec, "after_deploy", hooks.after_deploy, *told, folder, log)
    return config


def _roll_out(
    rollout: Rollout,
    candidate: Candidate,
    balancer: Balancer | None,
    folder: Path,
    log: AgentLog,
) -> None:
    """Tell the play what to release; once it is, the inventory for people has it too."""
    spec = candidate.spec
    plain, secret = environment(candidate.given, candidate.settings, candidate.secrets)
    variables = {
        **release_variables(
            spec, candidate.artifact, candidate.stack, candidate.settings, candidate.name
        ),
        "environment_variables": plain,
        "proxy_maintenance": candidate.in_maintenance,
        "release_before": candidate.settings.hooks.before_deploy,
        "release_facts": candidate.facts,
        "release_balanced": balancer is not None,
        "release_leaves": balancer is not None and balancer.is_left,
    }
    try:
        answers = balancer.answers if balancer else {}
        begins = candidate.artifact.release_command is not None
        heard = watched(spec, candidate.name, secret, folder, log) if begins else nullcontext()
        with heard:
            rollout.give_release(variables, {"environment_secrets": secret}, answers)
    except TaskFailed as error:
        raise unhealthy(error) or error from None
    # On disk the names alone: nobody says which of a repository's own variables are secrets.
    names = {"environment_variables": {}, "environment_secrets": dict.fromkeys([*plain, *secret])}
    everything = {**prepare_variables(spec, candidate.artifact.runtime), **variables, **names}
    write_inventory(spec, folder / INVENTORY, pin(spec.hosts, folder), everything)
