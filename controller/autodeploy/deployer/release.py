"""Prepare the hosts, then put a release on them, gated by its health."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.contracts import (
    BuildArtifact,
    DeploymentConfig,
    InfrastructureSpec,
    Runtime,
    TechStack,
)
from autodeploy.deployer.fingerprints import (
    deployment_fingerprint,
    host_fingerprint,
    release_name,
)
from autodeploy.deployer.health import Outside, gate
from autodeploy.deployer.targets import unhealthy
from autodeploy.deployer.variables import (
    Given,
    environment,
    prepare_variables,
    release_variables,
)
from autodeploy.errors import TaskFailed, UnhealthyRelease
from autodeploy.journal import AgentLog
from autodeploy.journal.events import HostPrepared, ReleaseActivated
from autodeploy.runner import INVENTORY, Play, pin, run, wait_for_ssh, write_inventory
from autodeploy.settings import Settings

PLAYBOOK = "site.yml"


def prepare(
    spec: InfrastructureSpec,
    runtime: Runtime,
    known: Mapping[str, str],
    folder: Path,
    log: AgentLog,
    forks: int,
) -> None:
    """Give the hosts what they need before the artifact: firewall, runtime, proxy.

    Args:
        spec: The hosts.
        runtime: What the application runs with.
        known: Fingerprint of what each host has, by host name: those that match are let be.
        folder: The application's private folder.
        log: The Deployer's log.
        forks: On how many hosts at once.
    """
    variables = prepare_variables(spec, runtime)
    wanted = {host.name: host_fingerprint(spec, host, variables) for host in spec.hosts}
    known_hosts = pin(spec.hosts, folder)
    for host in spec.hosts:
        wait_for_ssh(host, spec.ssh_key, known_hosts, log)
    new = tuple(host for host in spec.hosts if known.get(host.name) != wanted[host.name])
    if new:
        there = spec.model_copy(update={"hosts": new})
        inventory = write_inventory(there, folder / "prepare.json", known_hosts, variables)
        play = Play(playbook=PLAYBOOK, inventory=inventory, tags=("prepare",), forks=forks)
        run(play, log, "deployer")
    else:
        log.info("the hosts are prepared already")
    for name, fingerprint in wanted.items():
        log.write(HostPrepared(host=name, fingerprint=fingerprint))


def release(
    artifact: BuildArtifact,
    spec: InfrastructureSpec,
    stack: TechStack,
    settings: Settings,
    cloud: Cloud | None,
    folder: Path,
    log: AgentLog,
    authority: Path | None = None,
    given: Given | None = None,
) -> DeploymentConfig:
    """Put the artifact on the hosts as a release and switch to it once it is healthy.

    Args:
        artifact: What to release.
        spec: The hosts.
        stack: For the health path.
        settings: For the application's variables and its port.
        cloud: Asked about the hosts' load balancer where that does not answer; None without AWS.
        folder: The application's private folder.
        log: The Deployer's log.
        authority: See Outside.
        given: More variables of the application's, such as where its database is. Those in the
            settings win.

    Raises:
        UnhealthyRelease: It is not; the release before goes on serving.
    """
    name = release_name(artifact, settings, spec.database)
    plain, secret = environment(given or {}, settings)
    variables = {
        **prepare_variables(spec, artifact.runtime),
        **release_variables(spec, artifact, stack, settings, name),
        "environment_variables": plain,
        # On disk the secrets' names alone.
        "environment_secrets": dict.fromkeys(secret),
    }
    candidate = folder / "release.json"
    inventory = write_inventory(spec, candidate, pin(spec.hosts, folder), variables)
    play = Play(playbook=PLAYBOOK, inventory=inventory, tags=("release",), forks=settings.forks)
    try:
        run(play, log, "deployer", {"environment_secrets": secret})
    except TaskFailed as error:
        raise _unhealthy(error) or error from None
    candidate.replace(folder / INVENTORY)
    outside = Outside(spec.url, spec.load_balancer, authority)
    path = stack.health_path or "/"
    config = DeploymentConfig(
        release=name,
        artifact=artifact.digest,
        url=outside.url,
        load_balancer=outside.balancer,
        processes=artifact.processes,
        health_path=path,
        health_status=gate(outside, path, log, reason=partial(unhealthy, cloud, spec)),
        hosts=tuple(host.name for host in spec.hosts),
        fingerprint=deployment_fingerprint(artifact, settings),
    )
    log.write(ReleaseActivated(deployment=config))
    return config


def _unhealthy(error: TaskFailed) -> UnhealthyRelease | None:
    """The failed task as what it means to the user, where it is the health gate's."""
    if error.reported.get("healthy") is not False:
        return None
    return UnhealthyRelease(
        "the new release is not healthy; it got no traffic and was stopped",
        cause="\n".join([error.cause or "", *error.reported.get("journal", ())]),
        step="health check",
        host=error.host,
        remediation=_advice(error.reported),
    )


def _advice(reported: Mapping[str, Any]) -> str | None:
    if reported.get("reason") == "command":
        return "Mend the release command; its last lines are above. Nothing was switched."
    ports = ", ".join(str(port) for port in reported.get("listening") or ())
    if reported.get("reason") == "not-listening" and ports:
        return f"Let the application listen on $PORT, or set `port: {ports}` in autodeploy.yml."
    return None
