"""Where a database's host goes: a subnet, an address in it, and the interface that holds both."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.rds.exceptions import RDSClientError

from autodeploy.lab.cloudinit import UserData
from autodeploy.lab.images import Image
from autodeploy.lab.rootfs import HostSpec

# What RDS calls the interfaces that it makes; they keep a subnet or group in use.
DESCRIPTION = "RDSNetworkInterface"


@dataclass(frozen=True)
class Place:
    """Where it is.

    Attributes:
        interface: The interface in the API's model.
        public: Its public address; None where it has none.
    """

    interface: NetworkInterface
    public: IPv4Address | None


def default_subnets(ec2: Any) -> list[Any]:
    """The subnets of the default VPC.

    Raises:
        RDSClientError: There are none any more.
    """
    vpc = ec2.get_default_vpc()
    found = ec2.describe_subnets(filters={"vpc-id": [vpc.id]}) if vpc else []
    if not found:
        raise RDSClientError("InvalidSubnet", "No default subnet detected in VPC.")
    return list(found)


def take(
    ec2: Any,
    subnets: list[Any],
    zone: str | None,
    groups: list[str],
    public: IPv4Address | None,
    description: str = DESCRIPTION,
) -> Place:
    """Take an address of a subnet, in a zone where one is asked for and there is one.

    Args:
        ec2: moto's EC2 backend.
        subnets: moto's subnets to choose from, at least one.
        zone: The availability zone to prefer.
        groups: Security groups; none means the VPC's default one.
        public: The public address that goes with it.
        description: What the interface is called.
    """
    subnet = next((one for one in subnets if one.availability_zone == zone), subnets[0])
    groups = groups or [ec2.get_default_security_group(subnet.vpc_id).id]
    address = subnet.get_available_subnet_ip(None)
    interface = ec2.create_network_interface(
        subnet, address, group_ids=groups, description=description
    )
    interface.requester_managed, interface.status = True, "in-use"
    interface.public_ip = str(public) if public else None
    return Place(interface, public)


def regroup(place: Place, groups: list[str]) -> None:
    """Put it into other security groups."""
    ec2 = place.interface.ec2_backend
    place.interface._group_set[:] = [  # noqa: SLF001
        ec2.get_security_group_from_id(one) for one in groups
    ]


def give_back(place: Place) -> None:
    """Let the subnet's address be taken again."""
    place.interface.delete()


def host(name: str, image: Image, place: Place) -> HostSpec:
    """What the host is to be."""
    interface = place.interface
    vpc = interface.ec2_backend.get_vpc(interface.vpc_id)
    return HostSpec(
        instance_id=name,
        image=image,
        public=place.public,
        private=IPv4Address(interface.private_ip_address),
        vpc_id=vpc.id,
        vpc=IPv4Network(vpc.cidr_block),
        subnet=IPv4Network(interface.subnet.cidr_block),
        groups=tuple(group.id for group in interface.group_set),
        public_key=None,
        user_data=UserData(),
    )
