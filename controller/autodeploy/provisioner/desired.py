"""TechStack, settings and surroundings → the resources that should be. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from autodeploy.contracts import TechStack
from autodeploy.provisioner import sizing
from autodeploy.provisioner.kinds import (
    Desired,
    Instance,
    InternetGateway,
    KeyPair,
    RouteTable,
    Rule,
    SecurityGroup,
    Subnet,
    Vpc,
)
from autodeploy.provisioner.network import SUBNETS, subnet_range
from autodeploy.settings import Settings

HTTP = 80
SSH = 22
WORLD = "0.0.0.0/0"


@dataclass(frozen=True)
class Surroundings:
    """What the desired state depends on besides stack and settings.

    Attributes:
        vpc_range: The VPC's own IPv4 range where it exists, else one that is free.
        zones: The two zones.
        controller: The only address that SSH lets in.
        public_key: The login key; None while it has not been made.
    """

    vpc_range: str
    zones: tuple[str, str]
    controller: str
    public_key: str | None


def ingress_ports() -> tuple[int, ...]:
    """TCP ports that are open to the world. 443 has nothing behind it before there is TLS."""
    return (HTTP,)


def desired(stack: TechStack, settings: Settings, around: Surroundings) -> tuple[Desired, ...]:
    """Every resource that the application needs, dependencies first."""
    return (*_network(around), _firewall(around), *_hosts(stack, settings, around))


def _network(around: Surroundings) -> list[Desired]:
    subnets = [
        Subnet(
            key=one.key,
            vpc="vpc",
            cidr=subnet_range(around.vpc_range, one.place),
            zone=around.zones[one.zone],
            public=one.public,
        )
        for one in SUBNETS
    ]
    public = tuple(one.key for one in subnets if one.public)
    private = tuple(one.key for one in subnets if not one.public)
    return [
        Vpc("vpc", around.vpc_range),
        InternetGateway("internet-gateway", vpc="vpc"),
        *subnets,
        RouteTable("route-table-public", vpc="vpc", subnets=public, gateway="internet-gateway"),
        RouteTable("route-table-private", vpc="vpc", subnets=private, gateway=None),
    ]


def _firewall(around: Surroundings) -> SecurityGroup:
    world = {Rule(WORLD, port, port) for port in ingress_ports()}
    controller = Rule(f"{around.controller}/32", SSH, SSH)
    return SecurityGroup("security-group-app", vpc="vpc", ingress=frozenset({*world, controller}))


def _hosts(stack: TechStack, settings: Settings, around: Surroundings) -> list[Desired]:
    needed = settings.instance_type or sizing.instance_type(settings.over(stack))
    host = Instance(
        key="host-1",
        image=settings.image,
        instance_type=needed,
        subnet="subnet-public-a",
        group="security-group-app",
    )
    return [KeyPair("key-pair", around.public_key), host]
