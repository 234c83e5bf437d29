"""Secure the hosts and report only what was read back from them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.contracts import (
    DeploymentConfig,
    Finding,
    InfrastructureSpec,
    SecurityConfig,
)
from autodeploy.journal import AgentLog
from autodeploy.journal.events import SecurityReviewed
from autodeploy.runner import INVENTORY, Play, host_alias, roles_digest, run
from autodeploy.sheriff.groups import GROUP, ingress_rules, review

NOT_VERIFIED = (
    "operating system: the roles harden the firewall and the application's units only",
    "TLS: no domain was given",
    "vulnerabilities: not scanned",
)
NO_CLOUD = ("network: no cloud's security groups stand before the hosts",)


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
    verified: list[str] = []
    rules = ingress_rules(cloud, spec) if cloud else ()
    findings = list(review(rules, spec.public_ports))
    opened: set[int] = set()
    for host in spec.hosts:
        seen = facts.get(host_alias(spec, host), {})
        opened.update(seen.get("open_ports", ()))
        problem = _firewall_problem(host.name, seen, spec.ingress_ports)
        if problem:
            findings.append(problem)
        else:
            verified.append(f"{host.name}: the firewall lets in SSH and what is declared, no more")
    security = SecurityConfig(
        hardened=True,
        verified=tuple(verified),
        findings=tuple(findings),
        not_verified=NOT_VERIFIED if cloud else NOT_VERIFIED + NO_CLOUD,
        open_ports=tuple(sorted(opened)),
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
    security = SecurityConfig(hardened=False, not_verified=("anything: --no-harden",))
    log.write(SecurityReviewed(security=security))
    return security


def fingerprint(spec: InfrastructureSpec) -> str:
    """What is secured, and with what: the hosts, what they are to let in, and our roles."""
    hosts = [(host.name, host.instance_id, host.host_key) for host in spec.hosts]
    groups = [one.id for one in spec.resources if one.type == GROUP]
    parts = (hosts, groups, spec.image, spec.ingress_ports, spec.public_ports, roles_digest())
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _firewall_problem(host: str, seen: dict[str, Any], ports: Iterable[int]) -> Finding | None:
    if seen.get("active") and sorted(seen.get("open_ports", ())) == sorted(ports):
        return None
    return Finding(
        id="firewall-differs",
        severity="high",
        resource=host,
        message=f"the firewall reads back as {seen or 'nothing'}, not as ports {list(ports)}",
    )
