"""The Sheriff's part in preparing hosts: they are hardened before anybody reaches them."""

from __future__ import annotations

from collections.abc import Mapping

from autodeploy import deployer, sheriff
from autodeploy.contracts import (
    DeploymentConfig,
    HostSecurity,
    InfrastructureSpec,
    SecurityConfig,
)
from autodeploy.journal import AgentLog
from autodeploy.journal.events import HostSecured, ReleaseActivated
from autodeploy.settings import Settings

AGENTS = dict.fromkeys(sheriff.ROLES, "sheriff")


def securing(
    spec: InfrastructureSpec,
    settings: Settings,
    known: Mapping[str, HostSecurity],
    log: AgentLog,
) -> deployer.Securing:
    """What the play is told; with `--no-harden` it hardens nothing, and nothing counts as hardened.

    Args:
        spec: The hosts.
        settings: All settings.
        known: What each host was secured with last, by host name: those that match are let be.
        log: Where it is noted what the hosts are secured with.
    """
    variables = sheriff.variables(settings)
    every = frozenset(host.name for host in spec.hosts)
    ready = frozenset(sheriff.secured(spec, variables, known))

    def note(facts: deployer.Facts) -> None:
        for name, one in sheriff.told(spec, variables, known, facts).items():
            is_hardened = settings.harden or name in ready
            fingerprint = one.fingerprint if is_hardened else ""
            security = one.model_copy(update={"fingerprint": fingerprint})
            log.write(HostSecured(host=name, security=security))

    secured = ready if settings.harden else every
    return deployer.Securing(variables, secured, AGENTS, note)


def announce(
    config: DeploymentConfig, spec: InfrastructureSpec, security: SecurityConfig, log: AgentLog
) -> None:
    """Say that users reach the release by its domain, once its host was seen to serve that."""
    if sheriff.serves_tls(spec, security):
        seen = {"url": f"https://{spec.domain}/", "address": spec.hosts[0].address}
        log.write(ReleaseActivated(deployment=config.model_copy(update=seen)))
