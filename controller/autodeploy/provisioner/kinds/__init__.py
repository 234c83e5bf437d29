"""One file a kind of resource: what is wanted, how to look, make and delete."""

from autodeploy.provisioner.kinds.base import Desired, Found, Site, Step
from autodeploy.provisioner.kinds.instance import Instance
from autodeploy.provisioner.kinds.internet_gateway import InternetGateway
from autodeploy.provisioner.kinds.key_pair import KeyPair
from autodeploy.provisioner.kinds.route_table import RouteTable
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
)
"""Dependencies first: the order of creation, and backwards that of deletion."""

__all__ = [
    "KINDS",
    "Desired",
    "Found",
    "Instance",
    "InternetGateway",
    "KeyPair",
    "RouteTable",
    "Rule",
    "SecurityGroup",
    "Site",
    "Step",
    "Subnet",
    "Vpc",
]
