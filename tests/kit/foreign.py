"""Networks that somebody else has made, and all that can be known of what is foreign."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from autodeploy.provisioner.kinds import Found, RouteTable, Subnet, Vpc

EVERYWHERE = "0.0.0.0/0"
WAYS = ("own", "none", "main")
LISTS = {
    "describe_vpcs": "Vpcs",
    "describe_subnets": "Subnets",
    "describe_route_tables": "RouteTables",
    "describe_internet_gateways": "InternetGateways",
    "describe_security_groups": "SecurityGroups",
    "describe_network_acls": "NetworkAcls",
    "describe_key_pairs": "KeyPairs",
}


@dataclass(frozen=True)
class Part:
    """A subnet of a foreign network.

    Attributes:
        zone: The zone's letter.
        way: `own` for a table of its own to the gateway, `none` for one that leads nowhere,
            `main` for the VPC's main one.
    """

    zone: str
    way: str


def make(
    ec2: Any, region: str, parts: list[Part], *, main: bool = False, gateway: bool = True
) -> tuple[str, dict[str, Part]]:
    """A VPC with these subnets; gives its identifier, and the subnets by theirs.

    Args:
        ec2: A client of the account's.
        region: Where it is.
        parts: Its subnets.
        main: Whether the main route table leads to the gateway.
        gateway: Whether there is one.
    """
    vpc = ec2.create_vpc(CidrBlock="10.200.0.0/16")["Vpc"]["VpcId"]
    way_out = _gateway(ec2, vpc) if gateway else None
    if main and way_out:
        held = [
            {"Name": "vpc-id", "Values": [vpc]},
            {"Name": "association.main", "Values": ["true"]},
        ]
        (table,) = ec2.describe_route_tables(Filters=held)["RouteTables"]
        _route(ec2, table["RouteTableId"], way_out)
    subnets = {}
    for number, part in enumerate(parts):
        made = ec2.create_subnet(
            VpcId=vpc,
            CidrBlock=f"10.200.{16 * number}.0/20",
            AvailabilityZone=f"{region}{part.zone}",
        )["Subnet"]["SubnetId"]
        subnets[made] = part
        if part.way != "main":
            table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
            ec2.associate_route_table(RouteTableId=table, SubnetId=made)
            if part.way == "own" and way_out:
                _route(ec2, table, way_out)
    return vpc, subnets


def _gateway(ec2: Any, vpc: str) -> str:
    made = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=made, VpcId=vpc)
    return made


def _route(ec2: Any, table: str, gateway: str) -> None:
    ec2.create_route(RouteTableId=table, DestinationCidrBlock=EVERYWHERE, GatewayId=gateway)


def found(vpc: str, subnets: Iterable[Any], tables: Iterable[Any]) -> list[Found]:
    """What a look at a network of somebody else's shows, from AWS's descriptions."""
    return [
        Found("", kind.type, record.get(kind.id_field, "x"), record, ours=False)
        for kind, records in {Vpc: [{"VpcId": vpc}], Subnet: subnets, RouteTable: tables}.items()
        for record in records
    ]


def snapshot(ec2: Any, application: str = "shop") -> dict[str, list[Any]]:
    """All that EC2 says of what is not the application's, but for how much room is left."""
    ours = {"Key": "autodeploy:application", "Value": application}
    taken = {}
    for operation, field in LISTS.items():
        listed = getattr(ec2, operation)()[field]
        foreign = [one for one in listed if ours not in one.get("Tags", ())]
        taken[field] = [
            {key: value for key, value in one.items() if key != "AvailableIpAddressCount"}
            for one in foreign
        ]
    return taken


def destroy(ec2: Any, vpc: str) -> None:
    """Take the network away, as its owner would."""
    inside = [{"Name": "vpc-id", "Values": [vpc]}]
    for one in ec2.describe_subnets(Filters=inside)["Subnets"]:
        ec2.delete_subnet(SubnetId=one["SubnetId"])
    for one in ec2.describe_route_tables(Filters=inside)["RouteTables"]:
        for each in one["Associations"]:
            if not each["Main"]:
                ec2.disassociate_route_table(AssociationId=each["RouteTableAssociationId"])
        if not any(each["Main"] for each in one["Associations"]):
            ec2.delete_route_table(RouteTableId=one["RouteTableId"])
    held = [{"Name": "attachment.vpc-id", "Values": [vpc]}]
    for one in ec2.describe_internet_gateways(Filters=held)["InternetGateways"]:
        id_ = one["InternetGatewayId"]
        ec2.detach_internet_gateway(InternetGatewayId=id_, VpcId=vpc)
        ec2.delete_internet_gateway(InternetGatewayId=id_)
    ec2.delete_vpc(VpcId=vpc)
