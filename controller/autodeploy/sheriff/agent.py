"""Review what was secured, and report only what was read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from autodeploy.aws import Cloud
from autodeploy.contracts import (
    DeploymentConfig,
    InfrastructureSpec,
    SecurityConfig,
    TopicReport,
)
from autodeploy.journal import AgentLog
from autodeploy.journal.events import SecurityReviewed
from autodeploy.runner import roles_digest
from autodeploy.settings import Acme, Settings
from autodeploy.sheriff.certificates import CERTBOT, TLS, certify
from autodeploy.sheriff.groups import GROUP, network_report
from autodeploy.sheriff.reports import merged, wanting
from autodeploy.words import number_of

FIREWALL, HARDENING = "firewall", "hardening"


def variables(settings: Settings) -> dict[str, bool]:
    """The variables of the role `hardening`."""
    return {f"hardening_{topic}": is_on for topic, is_on in settings.hardening}


def secure(
    spec: InfrastructureSpec,
    config: DeploymentConfig,
    told: Iterable[TopicReport],
    cloud: Cloud | None,
    known: SecurityConfig | None,
    acme: Acme,
    folder: Path,
    log: AgentLog,
    *,
    hardened: bool,
    had_tls: bool,
) -> SecurityConfig:
    """Tell what the hosts were hardened with, review what stands before them, and see to TLS.

    Args:
        spec: The hosts.
        config: What they run.
        told: What their roles have told, when they were prepared.
        cloud: Where their groups are; None where hosts exist: those have no groups.
        known: What was reviewed last; where that is all of it, no host is asked. None for anew.
        acme: Which authority signs the certificate of a domain that leads to a host.
        folder: The application's private folder.
        log: The Sheriff's log.
        hardened: Whether they were to be hardened.
        had_tls: Whether one of them may have a certificate of an earlier deployment.
    """
    reviewed = fingerprint(spec, acme)
    if known and known.fingerprint == reviewed and not known.findings:
        log.info("nothing is new to be reviewed")
        # A group may have been opened since, and to ask is two questions.
        kept = (one for one in known.reports if one.topic in {CERTBOT, TLS})
        looks = (network_report(cloud, spec), *kept)
    else:
        log.info(f"reviewing release {config.release} on {number_of(len(spec.hosts), 'host')}")
        looks = (network_report(cloud, spec), *certify(spec, acme, folder, log, had_tls=had_tls))
    if not hardened:
        log.warning("the hosts are not hardened: --no-harden")
    reports = merged((*_hosts(spec, told, hardened=hardened), *looks))
    security = SecurityConfig(hardened=hardened, reports=reports, fingerprint=reviewed)
    for one in security.findings:
        log.warning(f"{one.severity}: {one.resource}: {one.message}")
    log.write(SecurityReviewed(security=security))
    return security


def fingerprint(spec: InfrastructureSpec, acme: Acme) -> str:
    """What is reviewed: the hosts, what stands before them, what is let in, and our roles.

    A certificate ages, and its renewal may fail: each day it is another.
    """
    day = f"{datetime.now(UTC):%Y-%m-%d}" if spec.ends_tls else None
    hosts = [(host.name, host.instance_id, host.host_key) for host in spec.hosts]
    groups = [one.id for one in spec.resources if one.type == GROUP]
    ports = (spec.ingress_ports, spec.public_ports)
    certificate = (spec.domain, day, acme.model_dump())
    parts = (hosts, groups, spec.image, *ports, *certificate, roles_digest())
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _hosts(
    spec: InfrastructureSpec, told: Iterable[TopicReport], *, hardened: bool
) -> Iterator[TopicReport]:
    """What the hosts' roles have told, and which of them have not.

    A host that was hardened once has told so, also where that is left out now. What hosts told
    that are gone since, before the run went on, is nothing any more.
    """
    names = {host.name for host in spec.hosts}
    reports = tuple(one for one in told if one.host in names)
    yield from reports
    for host in spec.hosts:
        yield from wanting(host.name, (FIREWALL, HARDENING) if hardened else (FIREWALL,), reports)
        left_out = () if hardened else (HARDENING,)
        yield from wanting(host.name, left_out, reports, "--no-harden")
