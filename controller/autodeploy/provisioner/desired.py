"""TechStack, settings and surroundings → the resources that should be. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from autodeploy.contracts import TechStack
from autodeploy.provisioner import sizing
from autodeploy.provisioner.alarms import alarms
from autodeploy.provisioner.cache import cache
from autodeploy.provisioner.database import database
from autodeploy.provisioner.front import front, host_rules
from autodeploy.provisioner.kinds import (
    Desired,
    Instance,
    InternetGateway,
    KeyPair,
    RouteTable,
    SecurityGroup,
    Subnet,
    Vpc,
)
from autodeploy.provisioner.naming import host_names, number_of
from autodeploy.provisioner.network import SUBNETS, subnet_range
from autodeploy.provisioner.surroundings import Surroundings
from autodeploy.settings import Settings

APP_GROUP = "security-group-app"
PUBLIC_SUBNETS = ("subnet-public-a", "subnet-public-b")
PRIVATE_SUBNETS = ("subnet-private-a", "subnet-private-b")


def desired(stack: TechStack, settings: Settings, around: Surroundings) -> tuple[Desired, ...]:
    """Every resource that the application needs, dependencies first."""
    hosts = tuple(_hosts(stack, settings, around))
    has_cache = settings.has_cache(stack)
    resources = (
        *(() if around.foreign else _network(around)),
        # SSH is not in it: it is let in for as long as somebody works on the hosts.
        SecurityGroup(APP_GROUP, vpc="vpc", ingress=host_rules(stack, settings)),
        KeyPair("key-pair", around.public_key),
        *hosts,
        *database(settings.engine(stack), settings.database_class, APP_GROUP, PRIVATE_SUBNETS),
        *(cache(settings.cache_type, APP_GROUP, PRIVATE_SUBNETS) if has_cache else ()),
        *front(
            stack, settings, PUBLIC_SUBNETS, [one.key for one in hosts], around.leaving.values()
        ),
    )
    return (*resources, *alarms(settings.alarms, resources))


def _network(around: Surroundings) -> Iterator[Desired]:
    yield Vpc("vpc", around.vpc_range)
    yield InternetGateway("internet-gateway", vpc="vpc")
    for one in SUBNETS:
        yield Subnet(
            key=one.key,
            vpc="vpc",
            cidr=subnet_range(around.vpc_range, one.place),
            zone=around.zones[one.zone],
        )
    gateway = "internet-gateway"
    yield RouteTable("route-table-public", vpc="vpc", subnets=PUBLIC_SUBNETS, gateway=gateway)
    yield RouteTable("route-table-private", vpc="vpc", subnets=PRIVATE_SUBNETS, gateway=None)


def _hosts(stack: TechStack, settings: Settings, around: Surroundings) -> Iterator[Instance]:
    detected = sizing.instance_type(settings.over(stack), settings.arch)
    subnets = [one for one in PUBLIC_SUBNETS if one in around.foreign or not around.foreign]
    for name in host_names(settings.hosts, around.standing, around.leaving):
        yield Instance(
            key=name,
            image=settings.image,
            instance_type=settings.instance_type or detected,
            subnet=subnets[(number_of(name) - 1) % len(subnets)],
            group=APP_GROUP,
            arch=settings.arch,
            flexible=settings.instance_type is None,
        )
