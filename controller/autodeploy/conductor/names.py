"""A domain that leads to a host: its record in Route 53 comes with the host and goes with it."""

from __future__ import annotations

from autodeploy import provisioner
from autodeploy.aws import Cloud
from autodeploy.contracts import ApplicationState, InfrastructureSpec
from autodeploy.journal import AgentLog


def lead(
    cloud: Cloud | None, spec: InfrastructureSpec, known: ApplicationState | None, log: AgentLog
) -> None:
    """Let the domain lead to its host, where the account keeps the zone; people are told else.

    Args:
        cloud: Where; None where hosts exist, whose DNS is people's own.
        spec: The hosts.
        known: What there was before: a record of its hosts may be changed.
        log: The Provisioner's log.

    Raises:
        CloudError: AWS refused, other than for want of a permission.
    """
    if cloud is None:
        return
    before = _domain(known)
    ours = _addresses(known)
    if before and before != spec.domain:
        provisioner.forget_address(cloud, before, ours)
    if spec.domain and spec.ends_tls:
        address = spec.hosts[0].address
        provisioner.lead(cloud, spec.domain, address, {address, *ours}, log.info)


def forget(cloud: Cloud, known: ApplicationState | None) -> None:
    """Remove the record with all else; one that leads elsewhere stays.

    Raises:
        CloudError: AWS refused, other than for want of a permission.
    """
    domain = _domain(known)
    if domain:
        provisioner.forget_address(cloud, domain, _addresses(known))


def _domain(known: ApplicationState | None) -> str | None:
    """The domain that was last asked for."""
    runs = (known.change, known.live) if known else ()
    return next(
        (one.settings["domain"] for one in runs if one and one.settings.get("domain")), None
    )


def _addresses(known: ApplicationState | None) -> set[str]:
    """The addresses that its hosts have had, as far as runs since the last that completed tell."""
    hosts = (*known.hosts, *known.occupied) if known else ()
    return {host.address for host in hosts}
