"""TLS on a host of its own: a certificate where a domain is given, and none where it is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autodeploy.contracts import Finding, InfrastructureSpec, SecurityConfig, TopicReport
from autodeploy.errors import TaskFailed
from autodeploy.journal import AgentLog
from autodeploy.runner import Play, host_alias, pin, run, write_inventory
from autodeploy.settings import Acme
from autodeploy.sheriff.reports import reports_of

CERTBOT, TLS = "certbot", "tls"
FACT = "certbot_report"
NO_DOMAIN = "certificate: no domain was given"
BALANCED = "certificate: it is the load balancer's, of ACM's"
NOWHERE = "certificate: one host has it, or a load balancer, and one that speaks HTTP"
NOT_ISSUED = "tls-not-issued"
LINEAGE = "/etc/letsencrypt/live"


def certify(
    spec: InfrastructureSpec, acme: Acme, before: SecurityConfig | None, folder: Path, log: AgentLog
) -> Iterator[TopicReport]:
    """What there is of TLS after the hosts have it exactly where a domain is given.

    Args:
        spec: The hosts, whose application serves on port 80.
        acme: Which authority signs.
        before: What was reviewed last: what a host had then is taken away again.
        folder: The application's private folder.
        log: The Sheriff's log.

    Raises:
        HostError: A host was lost, or failed of something else than its certificate.
    """
    if not spec.ends_tls:
        yield TopicReport(topic=TLS, not_verified=(_elsewhere(spec),))
    if spec.ends_tls or _had(before):
        variables = tls_variables(spec, acme)
        known_hosts = pin(spec.hosts, folder)
        inventory = write_inventory(spec, folder / "certify.json", known_hosts, variables)
        facts = _played(Play(playbook="certify.yml", inventory=inventory), spec, log)
        for host in spec.hosts if spec.ends_tls else ():
            yield from reports_of(host.name, facts.get(host_alias(spec, host), {}))


def tls_variables(spec: InfrastructureSpec, acme: Acme) -> dict[str, Any]:
    """Variables of the roles `certbot` and `proxy`. Pure."""
    names = [spec.domain] if spec.ends_tls else []
    lineage = f"{LINEAGE}/{spec.application}"
    tls = {
        "names": names,
        "certificate": f"{lineage}/fullchain.pem",
        "key": f"{lineage}/privkey.pem",
    }
    return {
        "certbot_application": spec.application,
        "certbot_domains": names,
        "certbot_email": acme.email,
        "certbot_server": acme.server,
        "certbot_ca_bundle": acme.authorities,
        "proxy_application": spec.application,
        "proxy_tls": tls if names else None,
    }


def serves_tls(spec: InfrastructureSpec, security: SecurityConfig) -> bool:
    """Whether a host was seen to serve the domain over TLS."""
    return spec.ends_tls and any(_is_good(one) for one in security.reports)


def _is_good(report: TopicReport) -> bool:
    refused = any(one.id == NOT_ISSUED for one in report.findings)
    return report.topic == CERTBOT and bool(report.verified) and not refused


def _elsewhere(spec: InfrastructureSpec) -> str:
    """Why no host has a certificate."""
    if spec.domain is None:
        return NO_DOMAIN
    return BALANCED if spec.load_balancer else NOWHERE


def _had(before: SecurityConfig | None) -> bool:
    return before is not None and any(one.topic == CERTBOT for one in before.reports)


def _played(play: Play, spec: InfrastructureSpec, log: AgentLog) -> Mapping[str, Mapping[str, Any]]:
    """What the hosts have told; that there is no certificate is a finding, and HTTP serves on."""
    try:
        return run(play, log, "sheriff").facts
    except TaskFailed as error:
        if "reason" not in error.reported:
            raise
        return {str(error.host): {FACT: _without_certificate(spec, error)}}


def _without_certificate(spec: InfrastructureSpec, error: TaskFailed) -> dict[str, Any]:
    told = error.reported.get("report")
    report = dict(told) if isinstance(told, dict) else {}
    finding = Finding(
        id=NOT_ISSUED,
        severity="medium",
        resource=str(spec.domain),
        message=f"{error.cause}. {_next(spec, str(error.reported['reason']))}",
    )
    report["findings"] = [*report.get("findings", ()), finding.model_dump()]
    return report


def _next(spec: InfrastructureSpec, reason: str) -> str:
    if reason == "dns":
        wanted = f"{spec.domain} A {spec.hosts[0].address}"
        return f"Make the DNS record {wanted}, then deploy again: until then it is served by HTTP."
    return "Deploy again to ask once more: until then it is served by HTTP."
