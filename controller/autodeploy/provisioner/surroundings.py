"""What the desired state depends on besides stack and settings, asked of AWS where it must be."""

from __future__ import annotations

from dataclasses import dataclass

from autodeploy.aws import Cloud
from autodeploy.provisioner.keys import Keys
from autodeploy.provisioner.kinds.subnet import available_zones
from autodeploy.provisioner.kinds.vpc import taken_ranges
from autodeploy.provisioner.network import SUBNETS, free_range, two_zones
from autodeploy.provisioner.observed import Observed


@dataclass(frozen=True)
class Surroundings:
    """The facts that a plan is made in.

    Attributes:
        vpc_range: The VPC's own IPv4 range where it exists, else one that is free.
        zones: The two zones.
        public_key: The login key; None while it has not been made.
    """

    vpc_range: str
    zones: tuple[str, str]
    public_key: str | None


def surroundings(cloud: Cloud, observed: Observed, keys: Keys | None) -> Surroundings:
    """The surroundings that there are. Reads only what it must."""
    vpc = observed.alive.get("vpc")
    taken = taken_ranges(observed.others)
    used = {
        one.zone: str(observed.alive[one.key].record["AvailabilityZone"])
        for one in SUBNETS
        if one.key in observed.alive
    }
    return Surroundings(
        vpc_range=str(vpc.record["CidrBlock"]) if vpc else free_range(taken),
        zones=two_zones(available_zones(cloud) if len(used) < 2 else (), used),
        public_key=_public_key(observed, keys),
    )


def _public_key(observed: Observed, keys: Keys | None) -> str | None:
    """This machine's login key; without a folder to look in, AWS's is taken to be the same."""
    if keys:
        return keys.public_login_key()
    pair = observed.alive.get("key-pair")
    return str(pair.record.get("PublicKey")) if pair else None
