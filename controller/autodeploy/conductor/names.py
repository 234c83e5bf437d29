"""A domain that leads to a host: its record in Route 53 comes with the host and goes with it.

Visitors are led to what serves: the record of a domain that is live is moved to another host once
that has the release, and a domain that is given up keeps its record until the deployment is up.
"""

from __future__ import annotations

import time

from autodeploy import provisioner
from autodeploy.aws import Cloud
from autodeploy.contracts import ApplicationState, InfrastructureSpec
from autodeploy.errors import CloudError
from autodeploy.journal import AgentLog


def is_early(spec: InfrastructureSpec, known: ApplicationState | None) -> bool:
    """Whether the domain may lead to its host before that has the new release. Pure.

    It may where nobody comes by it yet, and where that host has the live release.

    Args:
        spec: The hosts.
        known: What there was before.
    """
    if known is None or known.live is None or spec.domain not in known.domains:
        return True
    return spec.hosts[0].instance_id in {host.instance_id for host in known.live.hosts}


def lead(
    cloud: Cloud,
    spec: InfrastructureSpec,
    known: ApplicationState | None,
    owner: provisioner.Owner,
    log: AgentLog,
) -> bool:
    """Let the domain lead to its host, where the account keeps the zone; people are told else.

    Args:
        cloud: Where.
        spec: The hosts; of several, or behind a load balancer, none has the domain.
        known: What there was before: a record of its hosts or load balancers may be changed.
        owner: Whose they are.
        log: The Provisioner's log.

    Returns:
        Whether visitors were led elsewhere until now.
    """
    if not (spec.domain and spec.ends_tls):
        return False
    address = spec.hosts[0].address
    try:
        ours = {address, *_addresses(known)}
        return provisioner.lead(cloud, spec.domain, address, ours, owner.short_name, log.info)
    except CloudError as error:
        log.warning(f"make the DNS record {spec.domain} A {address}: {error.message}")
        return False


def follow(
    cloud: Cloud,
    spec: InfrastructureSpec,
    known: ApplicationState | None,
    owner: provisioner.Owner,
    log: AgentLog,
) -> None:
    """Let it lead to the host that has the release now, and return once everybody comes there.

    An authority that is asked earlier may look at the host of before; and that serves those who
    remember it. Arguments as of `lead`.
    """
    if lead(cloud, spec, known, owner, log):
        seconds = provisioner.ADDRESS_TTL * cloud.pace
        log.info(f"for {seconds:.0f} s some still know where {spec.domain} led before")
        time.sleep(seconds)


def forget_former(
    cloud: Cloud, spec: InfrastructureSpec, known: ApplicationState | None, log: AgentLog
) -> None:
    """Remove the records of domains that are given up. Arguments as of `lead`."""
    for domain in given_up(spec.domain, known):
        try:
            provisioner.forget_address(cloud, domain, _addresses(known))
        except CloudError as error:
            log.warning(f"remove the DNS record of {domain}: {error.message}")


def given_up(domain: str | None, known: ApplicationState | None) -> list[str]:
    """The domains that may still have a record or a certificate where this one is to be. Pure."""
    return [one for one in _former(known) if one != domain]


def forget(cloud: Cloud, known: ApplicationState | None) -> None:
    """Remove the records with all else; one that leads elsewhere stays.

    Raises:
        CloudError: AWS refused, other than for want of a permission.
    """
    for domain in _former(known):
        provisioner.forget_address(cloud, domain, _addresses(known))


def _former(known: ApplicationState | None) -> tuple[str, ...]:
    return known.domains if known else ()


def _addresses(known: ApplicationState | None) -> set[str]:
    """The addresses that its hosts have had, as far as runs since the last that completed tell."""
    hosts = (*known.hosts, *known.occupied) if known else ()
    return {host.address for host in hosts}
