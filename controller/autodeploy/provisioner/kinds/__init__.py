"""One file a kind of resource: what is wanted, how to look, make and delete."""

from collections.abc import Iterable

from autodeploy.provisioner.kinds.alarm import Alarm, Measured
from autodeploy.provisioner.kinds.base import Desired, Found, Look, Site, Step
from autodeploy.provisioner.kinds.cache import Cache
from autodeploy.provisioner.kinds.cache_subnet_group import CacheSubnetGroup
from autodeploy.provisioner.kinds.certificate import Certificate
from autodeploy.provisioner.kinds.database import Database
from autodeploy.provisioner.kinds.database_subnet_group import DatabaseSubnetGroup
from autodeploy.provisioner.kinds.instance import Instance
from autodeploy.provisioner.kinds.internet_gateway import InternetGateway
from autodeploy.provisioner.kinds.key_pair import KeyPair
from autodeploy.provisioner.kinds.listener import Listener
from autodeploy.provisioner.kinds.load_balancer import LoadBalancer
from autodeploy.provisioner.kinds.recipients import Recipients
from autodeploy.provisioner.kinds.route_table import RouteTable
from autodeploy.provisioner.kinds.secret import Secret
from autodeploy.provisioner.kinds.security_group import Rule, SecurityGroup
from autodeploy.provisioner.kinds.subnet import Subnet
from autodeploy.provisioner.kinds.target_group import TargetGroup
from autodeploy.provisioner.kinds.targets import Targets
from autodeploy.provisioner.kinds.topic import Topic
from autodeploy.provisioner.kinds.vpc import Vpc

KINDS: tuple[type[Desired], ...] = (
    Vpc,
    InternetGateway,
    Subnet,
    RouteTable,
    SecurityGroup,
    KeyPair,
    Instance,
    DatabaseSubnetGroup,
    CacheSubnetGroup,
    Secret,
    Database,
    Cache,
    Certificate,
    LoadBalancer,
    TargetGroup,
    Targets,
    Listener,
    Topic,
    Recipients,
    Alarm,
)
"""Dependencies first: the order in which plans list them."""

DELETION_WAVES: dict[str, int] = {
    Alarm.type: 0,
    Recipients.type: 0,
    Listener.type: 0,
    Targets.type: 0,
    Instance.type: 1,
    Database.type: 1,
    Cache.type: 1,
    LoadBalancer.type: 1,
    Topic.type: 1,
    KeyPair.type: 2,
    DatabaseSubnetGroup.type: 2,
    CacheSubnetGroup.type: 2,
    Secret.type: 2,
    TargetGroup.type: 2,
    Certificate.type: 2,
    SecurityGroup.type: 3,
    RouteTable.type: 3,
    Subnet.type: 4,
    InternetGateway.type: 5,
    Vpc.type: 6,
}
"""When each kind is deleted: what stands on others, and what takes long, first."""


def in_order_of_deletion(found: Iterable[Found]) -> list[Found]:
    """What stands on others first."""
    return sorted(found, key=lambda one: DELETION_WAVES[one.type])


def linked(found: Iterable[Found]) -> frozenset[str]:
    """What descriptions of ours name as their own."""
    return frozenset(id_ for one in found for id_ in kind_of(one).links(one.record))


def kind_of(found: Found) -> type[Desired]:
    """The kind of what was found."""
    return next(kind for kind in KINDS if kind.type == found.type)


__all__ = [
    "DELETION_WAVES",
    "KINDS",
    "Alarm",
    "Cache",
    "CacheSubnetGroup",
    "Certificate",
    "Database",
    "DatabaseSubnetGroup",
    "Desired",
    "Found",
    "Instance",
    "InternetGateway",
    "KeyPair",
    "Listener",
    "LoadBalancer",
    "Look",
    "Measured",
    "Recipients",
    "RouteTable",
    "Rule",
    "Secret",
    "SecurityGroup",
    "Site",
    "Step",
    "Subnet",
    "TargetGroup",
    "Targets",
    "Topic",
    "Vpc",
    "in_order_of_deletion",
    "kind_of",
    "linked",
]
