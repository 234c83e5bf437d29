"""TLS on a host of its own: a certificate where a domain is given, and none where it is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
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
HTTP_ALONE = "until then it is served by HTTP"
SPOILT = frozenset({NOT_ISSUED, "tls-untrusted", "tls-expired", "tls-closed"})
"""Findings of the role `certbot` with which a browser goes no further."""
LINEAGE = "/etc/letsencrypt/live"


def certify(
    spec: InfrastructureSpec, acme: Acme, folder: Path, log: AgentLog, *, had_tls: bool
) -> Iterator[TopicReport]:
    """What there is of TLS after the hosts have it exactly where a domain is given.

    Args:
        spec: The hosts, whose application serves on port 80.
        acme: Which authority signs.
        folder: The application's private folder.
        log: The Sheriff's log.
        had_tls: Whether a host may have a certificate of an earlier deployment: it is taken away
            where there is to be none.

    Raises:
        HostError: A host was lost, or failed of something else than its certificate.
    """
    if not spec.ends_tls:
        yield TopicReport(topic=TLS, not_verified=(_elsewhere(spec),))
    if spec.ends_tls or had_tls:
        facts = _played(spec, acme, folder, log)
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
    """Whether a host was seen to serve the domain over TLS, so that browsers take it."""
    return spec.ends_tls and any(_is_good(one, str(spec.domain)) for one in security.reports)


def _is_good(report: TopicReport, domain: str) -> bool:
    if report.topic != CERTBOT or any(one.id in SPOILT for one in report.findings):
        return False
    return any(one.startswith(f"{domain} serves a certificate") for one in report.verified)


def _elsewhere(spec: InfrastructureSpec) -> str:
    """Why no host has a certificate."""
    if spec.domain is None:
        return NO_DOMAIN
    return BALANCED if spec.load_balancer else NOWHERE


def _played(
    spec: InfrastructureSpec, acme: Acme, folder: Path, log: AgentLog
) -> Mapping[str, Mapping[str, Any]]:
    """What the hosts have told; that there is no certificate is a finding, and HTTP serves on."""
    try:
        return run(_play(spec, acme, folder), log, "sheriff").facts
    except TaskFailed as error:
        if "reason" not in error.reported:
            raise
        if error.reported.get("stale"):
            # Visitors would be led to another name, or to a certificate that has ended.
            run(_play(spec.model_copy(update={"domain": None}), acme, folder), log, "sheriff")
        return {str(error.host): {FACT: _without_certificate(spec, error)}}


def _play(spec: InfrastructureSpec, acme: Acme, folder: Path) -> Play:
    variables, known_hosts = tls_variables(spec, acme), pin(spec.hosts, folder)
    inventory = write_inventory(spec, folder / "certify.json", known_hosts, variables)
    return Play(playbook="certify.yml", inventory=inventory)


def _without_certificate(spec: InfrastructureSpec, error: TaskFailed) -> dict[str, Any]:
    told = error.reported.get("report")
    report = dict(told) if isinstance(told, dict) else {}
    reason = str(error.reported["reason"])
    finding = Finding(
        id=NOT_ISSUED,
        severity="medium",
        resource=str(spec.domain),
        message=f"{error.cause}. {_next(spec, reason)}",
    )
    found = report.get("findings")
    # The role tells the reason too, and does not know what to do here.
    others = [
        one
        for one in (found if isinstance(found, list) else ())
        if not (isinstance(one, dict) and one.get("id") == f"tls-{reason}")
    ]
    report["findings"] = [*others, finding.model_dump()]
    return report


def _next(spec: InfrastructureSpec, reason: str) -> str:
    if reason == "dns":
        return f"Make the DNS record {_record(spec)}, then deploy again: {HTTP_ALONE}."
    return f"Deploy again to ask once more: {HTTP_ALONE}."


def _record(spec: InfrastructureSpec) -> str:
    """What leads to the host, which somebody may have named and not numbered."""
    address = spec.hosts[0].address
    try:
        kind = "AAAA" if ip_address(address).version == 6 else "A"
    except ValueError:
        kind = "CNAME"
    return f"{spec.domain} {kind} {address}"
