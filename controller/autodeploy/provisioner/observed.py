"""What exists: one read a kind, by tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from autodeploy.aws import Cloud, controller_address
from autodeploy.contracts import TechStack
from autodeploy.errors import ResourceFailed
from autodeploy.provisioner.desired import Surroundings, desired
from autodeploy.provisioner.keys import Keys
from autodeploy.provisioner.kinds import KINDS, Desired, Found
from autodeploy.provisioner.kinds.subnet import available_zones
from autodeploy.provisioner.kinds.vpc import taken_ranges
from autodeploy.provisioner.network import SUBNETS, free_range, two_zones
from autodeploy.provisioner.owner import Owner
from autodeploy.settings import Settings


@dataclass(frozen=True)
class Observed:
    """All resources of one owner.

    Attributes:
        alive: What exists, by logical name, dependencies first.
        ended: How many of a logical name AWS still lists though they have ended.
    """

    alive: Mapping[str, Found]
    ended: Mapping[str, int]

    @property
    def ids(self) -> dict[str, str]:
        """AWS's identifiers by logical name."""
        return {key: found.id for key, found in self.alive.items()}


def observe(cloud: Cloud, owner: Owner) -> Observed:
    """Ask each service.

    Raises:
        ResourceFailed: Two resources have one logical name.
    """
    everything = [found for kind in KINDS for found in kind.observe(cloud, owner)]
    alive: dict[str, Found] = {}
    for found in everything:
        if found.alive and found.key in alive:
            raise ResourceFailed(
                f"two resources are tagged as {found.key}: {alive[found.key].id} and {found.id}",
                remediation="Delete the one that is not in use, then deploy again.",
            )
        if found.alive:
            alive[found.key] = found
    ended = Counter(found.key for found in everything if not found.alive)
    return Observed(alive, ended)


def wanted(
    stack: TechStack, settings: Settings, cloud: Cloud, observed: Observed, keys: Keys | None
) -> tuple[Desired, ...]:
    """The desired state in the surroundings that there are. Reads only what it must."""
    return desired(stack, settings, _surroundings(cloud, observed, keys))


def _surroundings(cloud: Cloud, observed: Observed, keys: Keys | None) -> Surroundings:
    vpc = observed.alive.get("vpc")
    used = {
        one.zone: str(observed.alive[one.key].record["AvailabilityZone"])
        for one in SUBNETS
        if one.key in observed.alive
    }
    return Surroundings(
        vpc_range=str(vpc.record["CidrBlock"]) if vpc else free_range(taken_ranges(cloud)),
        zones=two_zones(available_zones(cloud) if len(used) < 2 else (), used),
        controller=controller_address(cloud),
        public_key=_public_key(observed, keys),
    )


def _public_key(observed: Observed, keys: Keys | None) -> str | None:
    """This machine's login key; without a folder to look in, AWS's is taken to be the same."""
    if keys:
        return keys.public_login_key()
    pair = observed.alive.get("key-pair")
    return str(pair.record.get("PublicKey")) if pair else None
