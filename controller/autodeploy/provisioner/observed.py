"""What exists: one read a kind, those of a wave side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby

from autodeploy.aws import Cloud
from autodeploy.errors import ResourceFailed
from autodeploy.provisioner.kinds import KINDS, Found, Look, linked
from autodeploy.provisioner.owner import Owner


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
    everything = read_all(cloud, owner)
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


def read_all(cloud: Cloud, owner: Owner) -> list[Found]:
    """Everything that is tagged as the owner's, also what has ended, in the order of KINDS."""
    found: dict[str, list[Found]] = {}
    with ThreadPoolExecutor(len(KINDS)) as pool:
        for _, wave in groupby(sorted(KINDS, key=lambda k: k.wave), key=lambda kind: kind.wave):
            known = [one for each in found.values() for one in each if one.alive]
            look = Look(cloud, owner, {one.key: one.id for one in known}, linked(known))
            reads = {kind.type: pool.submit(kind.observe, look) for kind in wave}
            found.update({kind: read.result() for kind, read in reads.items()})
    return [one for kind in KINDS for one in found[kind.type]]
