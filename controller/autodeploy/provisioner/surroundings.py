"""What the desired state depends on besides stack and settings, asked of AWS where it must be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from autodeploy.aws import Cloud
from autodeploy.contracts import TechStack
from autodeploy.provisioner.foreign import demands, foreign_network
from autodeploy.provisioner.keys import Keys
from autodeploy.provisioner.kinds import Found, Instance
from autodeploy.provisioner.kinds.subnet import available_zones
from autodeploy.provisioner.kinds.vpc import taken_ranges
from autodeploy.provisioner.network import SUBNETS, free_range, two_zones
from autodeploy.provisioner.observed import Observed
from autodeploy.settings import Settings


@dataclass(frozen=True)
class Surroundings:
    """The facts that a plan is made in.

    Attributes:
        vpc_range: The IPv4 range of the VPC of its own: where it exists, else one that is free.
        zones: The zones of its subnets.
        public_key: The login key; None while it has not been made.
        foreign: The network that is used instead of one of its own, identifiers by logical name.
            Then there is no range and no zone.
        standing: Names of the hosts that are there and may stay.
        leaving: AWS's identifiers by name of the hosts that others are to take the place of.
    """

    vpc_range: str
    zones: tuple[str, ...]
    public_key: str | None
    foreign: Mapping[str, str] = field(default_factory=dict)
    standing: frozenset[str] = frozenset()
    leaving: Mapping[str, str] = field(default_factory=dict)


def surroundings(
    cloud: Cloud, stack: TechStack, settings: Settings, observed: Observed, keys: Keys | None
) -> Surroundings:
    """The surroundings that there are. Reads only what it must.

    Raises:
        CloudError: There is no room for a network, or the one that is named cannot be used.
    """
    key, vpc = _public_key(observed, keys), observed.alive.get("vpc")
    hosts = {one.key for one in observed.alive.values() if one.type == Instance.type}
    leaving = {one.key: one.id for one in observed.leaving}
    standing = frozenset(hosts - leaving.keys())
    if settings.vpc_id and vpc is None:
        wanted, ours = demands(stack, settings), _subnets_of(observed.alive.values())
        foreign = foreign_network(settings.vpc_id, observed.others, wanted, ours)
        return Surroundings("", (), key, foreign, standing, leaving)
    taken = taken_ranges(observed.others)
    used = {
        one.zone: str(observed.alive[one.key].record["AvailabilityZone"])
        for one in SUBNETS
        if one.key in observed.alive
    }
    return Surroundings(
        vpc_range=str(vpc.record["CidrBlock"]) if vpc else free_range(taken),
        zones=two_zones(available_zones(cloud) if len(used) < 2 else (), used),
        public_key=key,
        standing=standing,
        leaving=leaving,
    )


def _subnets_of(found: Iterable[Found]) -> frozenset[str]:
    """The subnets that resources say they are in: hosts, load balancers, groups of a database."""
    named: set[str | None] = set()
    for one in found:
        named.add(one.record.get("SubnetId"))
        named.update(each.get("SubnetId") for each in one.record.get("AvailabilityZones", ()))
        named.update(each.get("SubnetIdentifier") for each in one.record.get("Subnets", ()))
    return frozenset(one for one in named if one)


def _public_key(observed: Observed, keys: Keys | None) -> str | None:
    """This machine's login key; without a folder to look in, AWS's is taken to be the same."""
    if keys:
        return keys.public_login_key()
    pair = observed.alive.get("key-pair")
    return str(pair.record.get("PublicKey")) if pair else None
