"""A load balancer's network interface in EC2: its address, and what its groups are held by."""

from __future__ import annotations

import contextlib
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from moto.ec2.exceptions import InvalidNetworkInterfaceIdError
from moto.ec2.models import EC2Backend
from moto.elbv2.models import FakeLoadBalancer

from autodeploy.lab.balancers.fleet import Placement


def create(ec2: EC2Backend, balancer: FakeLoadBalancer) -> tuple[str, Placement]:
    """An interface in the balancer's first subnet, and the place that it makes."""
    subnet: Any = balancer.subnets[0]
    if not balancer.security_groups:
        default = ec2.get_default_security_group(subnet.vpc_id)
        balancer.security_groups = [default.id] if default else []
    address = subnet.get_available_subnet_ip(balancer)
    interface = ec2.create_network_interface(
        subnet,
        address,
        group_ids=balancer.security_groups,
        description=f"ELB {balancer.arn.partition(':loadbalancer/')[2]}",
    )
    placement = Placement(
        host=f"elb-{balancer.arn.rpartition('/')[2]}",
        subnet=IPv4Network(subnet.cidr_block),
        vpc=IPv4Network(ec2.get_vpc(subnet.vpc_id).cidr_block),
        vpc_id=subnet.vpc_id,
        private=IPv4Address(address),
        security_groups=tuple(balancer.security_groups),
    )
    return interface.id, placement


def regroup(ec2: EC2Backend, interface: str | None, groups: list[str]) -> None:
    """Give an interface other security groups."""
    if interface:
        ec2.modify_network_interface_attribute(interface, groups)


def delete(ec2: EC2Backend, interface: str | None) -> None:
    """Take an interface away and its address back."""
    if not interface:
        return
    with contextlib.suppress(InvalidNetworkInterfaceIdError):
        found: Any = ec2.get_network_interface(interface)
        ec2.delete_network_interface(interface)
        found.subnet.del_subnet_ip(found.private_ip_address)
