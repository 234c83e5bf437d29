"""TechStack, settings and surroundings → the resources that should be. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from autodeploy.contracts import TechStack
from autodeploy.provisioner import sizing
from autodeploy.provisioner.database import database
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
from autodeploy.provisioner.surroundings import Surroundings
from autodeploy.settings import Settings

HTTP = 80
HTTPS = 443
WORLD = "0.0.0.0/0"
APP_GROUP = "security-group-app"
PUBLIC_SUBNETS = ("subnet-public-a", "subnet-public-b")
PRIVATE_SUBNETS = ("subnet-private-a", "subnet-private-b")


def ingress_ports(settings: Settings) -> tuple[int, ...]:
    """TCP ports that are open to the world; HTTPS is answered only for a domain."""
    return (HTTP, HTTPS) if settings.domain else (HTTP,)


def desired(stack: TechStack, settings: Settings, around: Surroundings) -> tuple[Desired, ...]:
    """Every resource that the application needs, dependencies first."""
    return (
        *_network(around),
        *_groups(settings),
        KeyPair("key-pair", around.public_key),
        *_hosts(stack, settings),
        *database(settings.engine(stack), settings.database_class, APP_GROUP, PRIVATE_SUBNETS),
    )


def _network(around: Surroundings) -> Iterator[Desired]:
    yield Vpc("vpc", around.vpc_range)
    yield InternetGateway("internet-gateway", vpc="vpc")
    for one in SUBNETS:
        yield Subnet(
            key=one.key,
            vpc="vpc",
            cidr=subnet_range(around.vpc_range, one.place),
            zone=around.zones[one.zone],
            public=one.public,
        )
    gateway = "internet-gateway"
    yield RouteTable("route-table-public", vpc="vpc", subnets=PUBLIC_SUBNETS, gateway=gateway)
    yield RouteTable("route-table-private", vpc="vpc", subnets=PRIVATE_SUBNETS, gateway=None)


def _groups(settings: Settings) -> Iterator[SecurityGroup]:
    """SSH is in none of them: it is let in for as long as somebody works on the hosts."""
    world = frozenset(Rule(WORLD, port, port) for port in ingress_ports(settings))
    yield SecurityGroup(APP_GROUP, vpc="vpc", ingress=world)


def _hosts(stack: TechStack, settings: Settings) -> Iterator[Instance]:
    needed = settings.instance_type or sizing.instance_type(settings.over(stack))
    for number in range(settings.hosts):
        yield Instance(
            key=f"host-{number + 1}",
            image=settings.image,
            instance_type=needed,
            subnet=PUBLIC_SUBNETS[number % len(PUBLIC_SUBNETS)],
            group=APP_GROUP,
        )
