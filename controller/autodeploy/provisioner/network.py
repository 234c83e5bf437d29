"""Which addresses and zones the network gets. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from autodeploy.errors import CloudError

SUBNET_PREFIX = 20
CANDIDATES = tuple(
    vpc
    for private in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    for vpc in ipaddress.IPv4Network(private).subnets(new_prefix=16)
)


class SubnetPlan(NamedTuple):
    """One subnet to be: its logical name, and where it lies."""

    key: str
    place: int
    zone: int
    public: bool


SUBNETS = (
    SubnetPlan("subnet-public-a", 0, 0, public=True),
    SubnetPlan("subnet-public-b", 1, 1, public=True),
    SubnetPlan("subnet-private-a", 2, 0, public=False),
    SubnetPlan("subnet-private-b", 3, 1, public=False),
)


def free_range(taken: Iterable[str]) -> str:
    """The first private /16 that overlaps none of the `taken` IPv4 ranges.

    Raises:
        CloudError: There is none.
    """
    networks = [ipaddress.IPv4Network(one, strict=False) for one in taken]
    for candidate in CANDIDATES:
        if not any(candidate.overlaps(network) for network in networks):
            return str(candidate)
    raise CloudError(
        "every private /16 overlaps a VPC of the region",
        action="ec2:CreateVpc",
        remediation="Delete a VPC that is not needed, or use another region.",
    )


def subnet_range(vpc: str, place: int) -> str:
    """The /20 (or, in a smaller VPC, the sixteenth) with the number `place` of the VPC's range."""
    network = ipaddress.IPv4Network(vpc)
    prefix = max(SUBNET_PREFIX, network.prefixlen + 4)
    step = 2 ** (32 - prefix)
    return f"{network.network_address + place * step}/{prefix}"


def two_zones(available: Iterable[str], used: Mapping[int, str]) -> tuple[str, str]:
    """Two different zones: those that subnets are in already, else the first available.

    Args:
        available: Names of the region's zones.
        used: Zones of subnets that exist, by number (0 or 1).

    Raises:
        CloudError: The region has too few, or the subnets are in one.
    """
    if used.get(0) and used.get(0) == used.get(1):
        raise CloudError(
            f"the subnets that should be in two zones are in {used[0]} alone",
            action="ec2:DescribeSubnets",
            remediation="`autodeploy destroy`, then deploy anew.",
        )
    free = iter(sorted(zone for zone in available if zone not in used.values()))
    try:
        return used.get(0) or next(free), used.get(1) or next(free)
    except StopIteration:
        raise CloudError(
            "the region has no two zones that can be used",
            action="ec2:DescribeAvailabilityZones",
            remediation="Use another --region.",
        ) from None
