"""Secure the hosts and report only what was read back from them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.contracts import (
    DeploymentConfig,
    Host,
    InfrastructureSpec,
    SecurityConfig,
    TopicReport,
)
from autodeploy.journal import AgentLog
from autodeploy.journal.events import SecurityReviewed
from autodeploy.runner import INVENTORY, Play, host_alias, roles_digest, run
from autodeploy.sheriff.groups import GROUP, ingress_rules, review
from autodeploy.sheriff.reports import merged, reports_of, wanting

FIREWALL, HARDENING, NETWORK, TLS = "firewall", "hardening", "network", "tls"
NO_CLOUD = "security groups: no cloud's stand before the hosts"
NO_DOMAIN = "certificate: no domain was given"


def secure(
    spec: InfrastructureSpec,
    config: DeploymentConfig,
    cloud: Cloud | None,
    known: SecurityConfig | None,
    folder: Path,
    log: AgentLog,
) -> SecurityConfig:
    """Tighten each host's firewall, read it back, and review the security groups' rules.

    Args:
        spec: The hosts.
        config: What they run.
        cloud: Where their groups are; None where hosts exist: those have no groups.
        known: What was secured last; where that is all of it, nothing is done. None for anew.
        folder: The application's private folder.
        log: The Sheriff's log.
    """
    secured = fingerprint(spec)
    if known and known.fingerprint == secured and not known.findings:
        log.info("the hosts are secured already")
        log.write(SecurityReviewed(security=known))
        return known
    log.info(f"reviewing release {config.release} on {len(spec.hosts)} host(s)")
    play = Play(playbook="roles/firewall.yml", inventory=folder / INVENTORY)
    facts = run(play, log, "sheriff").facts
    reports = [one for host in spec.hosts for one in _of_host(spec, host, facts)]
    security = SecurityConfig(
        hardened=True,
        reports=merged((*reports, _network(spec, cloud), *_tls(spec))),
        fingerprint=secured,
    )
    log.write(SecurityReviewed(security=security))
    return security


def leave_out(log: AgentLog) -> SecurityConfig:
    """Secure nothing, and say so.

    Args:
        log: The Sheriff's log.
    """
    log.warning("the hosts are not secured further: --no-harden")
    left = TopicReport(topic=HARDENING, not_verified=("anything: --no-harden",))
    security = SecurityConfig(hardened=False, reports=(left,))
    log.write(SecurityReviewed(security=security))
    return security


def fingerprint(spec: InfrastructureSpec) -> str:
    """What is secured, and with what: the hosts, what they are to let in, and our roles."""
    hosts = [(host.name, host.instance_id, host.host_key) for host in spec.hosts]
    groups = [one.id for one in spec.resources if one.type == GROUP]
    parts = (hosts, groups, spec.image, spec.ingress_ports, spec.public_ports, roles_digest())
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _of_host(
    spec: InfrastructureSpec, host: Host, facts: Mapping[str, Mapping[str, Any]]
) -> Iterator[TopicReport]:
    told = reports_of(host.name, facts.get(host_alias(spec, host), {}))
    yield from told
    yield from wanting(host.name, (FIREWALL,), told)


def _network(spec: InfrastructureSpec, cloud: Cloud | None) -> TopicReport:
    if cloud is None:
        return TopicReport(topic=NETWORK, not_verified=(NO_CLOUD,))
    return TopicReport(
        topic=NETWORK, findings=review(ingress_rules(cloud, spec), spec.public_ports)
    )


def _tls(spec: InfrastructureSpec) -> Iterator[TopicReport]:
    if spec.domain is None:
        yield TopicReport(topic=TLS, not_verified=(NO_DOMAIN,))
