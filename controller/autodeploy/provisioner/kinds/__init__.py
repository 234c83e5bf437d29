"""One file a kind of resource: what is wanted, how to look, make and delete."""

from collections.abc import Iterable

from autodeploy.provisioner.kinds.base import Desired, Found, Look, Site, Step
from autodeploy.provisioner.kinds.database import Database
from autodeploy.provisioner.kinds.database_subnet_group import DatabaseSubnetGroup
from autodeploy.provisioner.kinds.instance import Instance
from autodeploy.provisioner.kinds.internet_gateway import InternetGateway
from autodeploy.provisioner.kinds.key_pair import KeyPair
from autodeploy.provisioner.kinds.route_table import RouteTable
from autodeploy.provisioner.kinds.secret import Secret
from autodeploy.provisioner.kinds.security_group import Rule, SecurityGroup
from autodeploy.provisioner.kinds.subnet import Subnet
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
    Secret,
    Database,
)
"""Dependencies first: the order in which plans list them."""

DELETION_WAVES: dict[str, int] = {
    Instance.type: 1,
    Database.type: 1,
    KeyPair.type: 2,
    DatabaseSubnetGroup.type: 2,
    Secret.type: 2,
    SecurityGroup.type: 2,
    RouteTable.type: 3,
    Subnet.type: 4,
    InternetGateway.type: 5,
    Vpc.type: 6,
}
"""When each kind is deleted: what stands on others, and what takes long, first."""


def in_order_of_deletion(found: Iterable[Found]) -> list[Found]:
    """What stands on others first."""
    return sorted(found, key=lambda one: DELETION_WAVES[one.type])


def kind_of(found: Found) -> type[Desired]:
    """The kind of what was found."""
    return next(kind for kind in KINDS if kind.type == found.type)


__all__ = [
    "DELETION_WAVES",
    "KINDS",
    "Database",
    "DatabaseSubnetGroup",
    "Desired",
    "Found",
    "Instance",
    "InternetGateway",
    "KeyPair",
    "Look",
    "RouteTable",
    "Rule",
    "Secret",
    "SecurityGroup",
    "Site",
    "Step",
    "Subnet",
    "Vpc",
    "in_order_of_deletion",
    "kind_of",
]
