"""VPCs and what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autodeploy.lab.api.protocol import Refusal
from autodeploy.lab.api.strict.account import Account
from autodeploy.lab.api.strict.rules import Parameters, Rule, dependency

PORTS = range(65536)


def delete_vpc(account: Account, asked: Parameters) -> Refusal | None:
    """Internet gateways, security groups and interfaces keep a VPC."""
    vpc = asked.get("VpcId", "")
    users = [
        *(one for one in account.ec2.internet_gateways.values() if one.vpc and one.vpc.id == vpc),
        *(one for one in account.ec2.groups.get(vpc, {}).values() if one.name != "default"),
        *(one for one in account.interfaces() if one.subnet.vpc_id == vpc),
    ]
    return dependency("vpc", vpc) if users else None


def delete_subnet(account: Account, asked: Parameters) -> Refusal | None:
    """Interfaces keep a subnet: an instance's, a load balancer's, a database's."""
    subnet = asked.get("SubnetId", "")
    return dependency("subnet", subnet) if any(_in_subnet(account, subnet)) else None


def _in_subnet(account: Account, subnet: str) -> Iterator[Any]:
    yield from (one for one in account.interfaces() if one.subnet.id == subnet)
    for balancer in account.elbv2.load_balancers.values():
        yield from (one for one in balancer.subnets if one.id == subnet)
    for gateway in account.ec2.nat_gateways.values():
        if gateway.subnet_id == subnet and gateway.state != "deleted":
            yield gateway
    for database in account.databases():
        group = getattr(database, "db_subnet_group", None)
        if group:
            yield from (one for one in group.subnets if one["SubnetIdentifier"] == subnet)

    for cache in account.caches():
        group = account.elasticache.cache_subnet_groups.get(cache.cache_subnet_group_name)
        if group:
            yield from (one for one in group.subnet_ids if one == subnet)


def attach_internet_gateway(account: Account, asked: Parameters) -> Refusal | None:
    """A VPC has one."""
    vpc, id_ = asked.get("VpcId"), asked.get("InternetGatewayId")
    gateways = account.ec2.internet_gateways.values()
    if any(one.vpc and one.vpc.id == vpc and one.id != id_ for one in gateways):
        return Refusal(
            code="InvalidParameterValue",
            message=f"Network {vpc} already has an internet gateway attached",
        )
    return None


def detach_internet_gateway(account: Account, asked: Parameters) -> Refusal | None:
    """Public addresses that are mapped keep it."""
    vpc = asked.get("VpcId")
    mapped = [one for one in account.interfaces() if one.subnet.vpc_id == vpc and one.public_ip]
    if not mapped:
        return None
    return Refusal(
        code="DependencyViolation",
        message=f"Network {vpc} has some mapped public address(es). Please unmap those public "
        "address(es) before detaching the gateway.",
    )


def delete_route_table(account: Account, asked: Parameters) -> Refusal | None:
    """The main one goes with its VPC only."""
    table = account.ec2.route_tables.get(asked.get("RouteTableId"))
    main = table is not None and table.main_association_id is not None
    return dependency("routeTable", table.id) if main else None


def associate_route_table(account: Account, asked: Parameters) -> Refusal | None:
    """A subnet has one."""
    subnet, id_ = asked.get("SubnetId"), asked.get("RouteTableId")
    for table in account.ec2.route_tables.values():
        for association, target in table._associations.items():  # noqa: SLF001  moto's only view
            if subnet and target == subnet and table.id != id_:
                return Refusal(
                    code="Resource.AlreadyAssociated",
                    message=f"the specified association for route table {id_} conflicts with an "
                    f"existing association {association}",
                )
    return None


def create_route(account: Account, asked: Parameters) -> Refusal | None:
    """One for a destination, and through a gateway of the same VPC."""
    table = account.ec2.route_tables.get(asked.get("RouteTableId"))
    if table is None:
        return None
    destination = asked.get("DestinationCidrBlock")
    existing = {one.destination_cidr_block for one in _routes(table)}
    if destination in existing:
        return Refusal(
            code="RouteAlreadyExists", message=f"The route identified by {destination} exists."
        )
    gateway = account.ec2.internet_gateways.get(asked.get("GatewayId"))
    if gateway is not None and (gateway.vpc is None or gateway.vpc.id != table.vpc_id):
        return Refusal(
            code="InvalidParameterValue",
            message=f"route table {table.id} and network gateway {gateway.id} belong to different "
            "networks",
        )
    return None


def _routes(table: Any) -> list[Any]:
    return list(table.routes.values() if isinstance(table.routes, dict) else table.routes)


def release_address(account: Account, asked: Parameters) -> Refusal | None:
    """Not while something has it."""
    for address in account.ec2.addresses:
        if address.association_id and address.allocation_id == asked.get("AllocationId"):
            return Refusal(
                code="InvalidIPAddress.InUse",
                message=f"Address {address.public_ip} is in use.",
            )
    return None


def delete_network_interface(account: Account, asked: Parameters) -> Refusal | None:
    """Not while it is attached."""
    interface = account.ec2.enis.get(asked.get("NetworkInterfaceId"))
    if interface is None or interface.attachment_id is None:
        return None
    return Refusal(
        code="InvalidNetworkInterface.InUse",
        message=f"Interface: [{interface.id}] in use.",
    )


def authorize(account: Account, asked: Parameters) -> Refusal | None:
    """Ports are ports, the first no higher than the last."""
    del account
    for one in asked.get("IpPermissions", ()):
        ports = [one.get("FromPort"), one.get("ToPort")]
        if one.get("IpProtocol") not in {"tcp", "udp", "6", "17"} or ports == [None, None]:
            continue
        wrong = next((port for port in ports if port not in PORTS), None)
        if wrong is not None or None in ports or ports[0] > ports[1]:
            return Refusal(
                code="InvalidParameterValue",
                message=f"Invalid value '{ports[0] if wrong is None else wrong}' for portRange. "
                "Must specify both from and to ports with TCP/UDP, each from 0 to 65535.",
            )
    return None


def forget_associations(account: Account, asked: Parameters, said: Parameters) -> None:
    """A subnet that is gone is associated with no route table; moto keeps it."""
    del said
    for table in account.ec2.route_tables.values():
        held = table._associations  # noqa: SLF001  moto's only view
        for association in [one for one, target in held.items() if target == asked["SubnetId"]]:
            del held[association]


RULES: dict[str, Rule] = {
    "ec2:DeleteVpc": delete_vpc,
    "ec2:DeleteSubnet": delete_subnet,
    "ec2:AttachInternetGateway": attach_internet_gateway,
    "ec2:DetachInternetGateway": detach_internet_gateway,
    "ec2:DeleteRouteTable": delete_route_table,
    "ec2:AssociateRouteTable": associate_route_table,
    "ec2:AuthorizeSecurityGroupIngress": authorize,
    "ec2:AuthorizeSecurityGroupEgress": authorize,
    "ec2:CreateRoute": create_route,
    "ec2:ReleaseAddress": release_address,
    "ec2:DeleteNetworkInterface": delete_network_interface,
}
