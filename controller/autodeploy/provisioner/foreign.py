"""A network that exists and is not ours: looked at, never changed and never tagged. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from autodeploy.contracts import TechStack
from autodeploy.errors import NetworkRefused
from autodeploy.provisioner.kinds import Found, RouteTable, Subnet, Vpc
from autodeploy.provisioner.kinds.route_table import EVERYWHERE
from autodeploy.settings import Settings
from autodeploy.words import number_of

Record = Mapping[str, Any]
REGIONS_OWN = re.compile(r"[a-z]+(-[a-z]+)+-[0-9]+[a-z]")
"""Names of a region's own zones; us-west-2-lax-1a is another kind."""
LETTERS = "ab"  # subnet-public-a, subnet-public-b


class Demand(NamedTuple):
    """In how many zones subnets of a kind are needed, and what for."""

    kind: str
    zones: int
    reason: str


def demands(stack: TechStack, settings: Settings) -> tuple[Demand, ...]:
    """What an application asks of a network that is not its own."""
    if settings.balanced(stack):
        public = Demand("public", 2, "a load balancer")
    else:
        public = Demand("public", min(settings.hosts, 2), number_of(settings.hosts, "host"))
    inside = {"a database": settings.engine(stack), "a Redis": settings.has_cache(stack)}
    wanting = [name for name, wanted in inside.items() if wanted]
    return public, Demand("private", 2 if wanting else 0, " and ".join(wanting))


def foreign_network(
    vpc: str, others: Iterable[Found], wanted: Sequence[Demand], used: AbstractSet[str]
) -> dict[str, str]:
    """The VPC and the chosen subnets, by the logical names that they have in a network of ours.

    Of each kind they are up to two, in zones of their own.

    Args:
        vpc: Its identifier.
        others: What exists and is not ours: all VPCs, and the parts of this one.
        wanted: What is asked of it.
        used: Subnets that the application is in: they are taken before others.

    Raises:
        NetworkRefused: There is no such VPC, or it has not got what is needed.
    """
    by_type: dict[str, list[Record]] = {}
    for one in others:
        by_type.setdefault(one.type, []).append(one.record)
    if all(one["VpcId"] != vpc for one in by_type.get(Vpc.type, ())):
        raise NetworkRefused(
            f"there is no VPC {vpc} in this region",
            action="ec2:DescribeVpcs",
            remediation="Check --vpc-id and --region: `aws ec2 describe-vpcs` lists what there is.",
        )
    usable = [one for one in by_type.get(Subnet.type, ()) if _is_usable(one)]
    tables = by_type.get(RouteTable.type, [])
    found = {"vpc": vpc}
    for demand in wanted:
        public = demand.kind == "public"
        like = [one for one in usable if leads_out(one["SubnetId"], tables) is public]
        zones = _one_a_zone(like, used)
        if len(zones) < demand.zones:
            raise _lacking(vpc, demand, sorted(zones))
        names = (f"subnet-{demand.kind}-{letter}" for letter in LETTERS)
        found.update(zip(names, zones.values(), strict=False))
    return found


def _is_usable(subnet: Record) -> bool:
    """Whether hosts of ours can be in it: not on an Outpost, in a Local Zone, or of IPv6 alone."""
    ordinary = REGIONS_OWN.fullmatch(subnet["AvailabilityZone"]) and not subnet.get("OutpostArn")
    return bool(ordinary) and subnet["State"] == "available" and not subnet.get("Ipv6Native")


def leads_out(subnet: str, tables: Iterable[Record]) -> bool:
    """Whether the subnet's route table, else the main one, has a default route to the internet."""
    held = [(one, each) for one in tables for each in one.get("Associations", ())]
    own = [one for one, each in held if each.get("SubnetId") == subnet]
    main = [one for one, each in held if each.get("Main")]
    return any(_is_way_out(route) for one in (own or main) for route in one.get("Routes", ()))


def _is_way_out(route: Record) -> bool:
    gateway = str(route.get("GatewayId", ""))
    everywhere = route.get("DestinationCidrBlock") == EVERYWHERE
    return everywhere and gateway.startswith("igw-") and route.get("State") != "blackhole"


def _one_a_zone(subnets: Iterable[Record], used: AbstractSet[str]) -> dict[str, str]:
    """A subnet of each zone: the one that is used already, else that with the most room."""
    zones: dict[str, str] = {}
    for one in sorted(subnets, key=lambda one: _rank(one, used)):
        zones.setdefault(one["AvailabilityZone"], one["SubnetId"])
    return zones


def _rank(subnet: Record, used: AbstractSet[str]) -> tuple[bool, str, int, str]:
    id_, room = subnet["SubnetId"], -subnet.get("AvailableIpAddressCount", 0)
    return id_ not in used, subnet["AvailabilityZone"], room, id_


def _lacking(vpc: str, demand: Demand, zones: Sequence[str]) -> NetworkRefused:
    private = demand.kind == "private"
    otherwise = "--no-database, --no-redis" if private else "none for a network of its own"
    return NetworkRefused(
        f"{vpc} has {demand.kind} subnets in {number_of(len(zones), 'zone')} and needs them in "
        f"{demand.zones}, for {demand.reason}",
        cause=f"zones: {', '.join(zones) or 'none'}; a subnet is public where its route table, or "
        f"else the main one, leads {EVERYWHERE} to an internet gateway",
        action="ec2:DescribeSubnets",
        remediation=f"Add such a subnet, or give another --vpc-id, or {otherwise}.",
    )
