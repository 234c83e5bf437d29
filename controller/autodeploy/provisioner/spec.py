"""What was found → InfrastructureSpec. Pure but for the hosts' keys."""

from __future__ import annotations

from collections.abc import Iterable

from autodeploy.contracts import Host, InfrastructureSpec, TechStack
from autodeploy.provisioner.cache import cache_of
from autodeploy.provisioner.database import database_of
from autodeploy.provisioner.front import host_ports
from autodeploy.provisioner.keys import Keys
from autodeploy.provisioner.kinds import Found, Instance, LoadBalancer
from autodeploy.provisioner.kinds.instance import image_of
from autodeploy.provisioner.owner import Owner
from autodeploy.settings import Settings


def spec_of(
    made: Iterable[Found],
    stack: TechStack,
    settings: Settings,
    owner: Owner,
    region: str,
    keys: Keys,
) -> InfrastructureSpec:
    """Everything that the application stands on; at least one host is among `made`."""
    found = tuple(made)
    instances = [one for one in found if one.type == Instance.type]
    balancers = (one.record["DNSName"] for one in found if one.type == LoadBalancer.type)
    return InfrastructureSpec(
        application=owner.application,
        environment=owner.environment,
        target=settings.target,
        region=region,
        image=image_of(instances[0].record),
        resources=tuple(one.resource for one in found),
        hosts=tuple(host_of(one, keys.make_host_key(one.key)[1]) for one in instances),
        ssh_key=keys.login_key,
        ingress_ports=host_ports(stack, settings),
        protocol=settings.protocol,
        database=database_of(found, owner.application),
        cache=cache_of(found),
        load_balancer=next(balancers, None),
        domain=settings.domain,
    )


def host_of(found: Found, host_key: str) -> Host:
    """The host that an instance is.

    Args:
        found: The instance, with an address.
        host_key: Its public SSH host key.
    """
    return Host(
        name=found.key,
        address=str(found.record["PublicIpAddress"]),
        private_address=found.record.get("PrivateIpAddress"),
        instance_id=found.id,
        host_key=host_key,
    )


def addresses_of(found: Iterable[Found]) -> frozenset[str]:
    """The public addresses of the hosts among what was found."""
    hosts = (one.record.get("PublicIpAddress") for one in found if one.type == Instance.type)
    return frozenset(str(one) for one in hosts if one)
