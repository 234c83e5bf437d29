"""The application's managed Redis: which resources it takes, what others hear of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autodeploy import contracts
from autodeploy.provisioner import elasticache
from autodeploy.provisioner.kinds import (
    Cache,
    CacheSubnetGroup,
    Desired,
    Found,
    Rule,
    Secret,
    SecurityGroup,
)
from autodeploy.provisioner.kinds.cache import KEY as CACHE
from autodeploy.provisioner.kinds.cache_subnet_group import KEY as SUBNET_GROUP
from autodeploy.provisioner.kinds.secret import CACHE_GROUP, CACHE_SECRET
from autodeploy.provisioner.kinds.security_group import GROUPS

PORT = 6379


def cache(node_type: str, app_group: str, subnets: tuple[str, ...]) -> Iterator[Desired]:
    """What a Redis takes, dependencies first.

    Args:
        node_type: ElastiCache's type.
        app_group: Logical name of the only security group that it lets in.
        subnets: Logical names of private subnets.
    """
    rule = Rule(app_group, PORT, PORT, kind=GROUPS)
    yield SecurityGroup(CACHE_GROUP, vpc="vpc", ingress=frozenset({rule}))
    yield CacheSubnetGroup(SUBNET_GROUP, subnets, after=(CACHE_GROUP,))
    yield Secret(CACHE_SECRET, after=(CACHE_GROUP,))
    yield Cache(
        CACHE,
        node_type=node_type,
        subnet_group=SUBNET_GROUP,
        group=CACHE_GROUP,
        secret=CACHE_SECRET,
    )


def cache_of(made: Iterable[Found]) -> contracts.Cache | None:
    """The Redis among what is ready; None where there is none (yet)."""
    found = {one.key: one for one in made}
    if CACHE not in found:
        return None
    place = elasticache.endpoint(found[CACHE].record)
    return contracts.Cache(host=place["Address"], port=place["Port"], secret=found[CACHE_SECRET].id)
