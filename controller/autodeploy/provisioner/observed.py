"""What exists: one read a kind, those of a wave side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby

from autodeploy.aws import Cloud
from autodeploy.errors import ResourceFailed
from autodeploy.provisioner.kinds import KINDS, Found, Look, linked
from autodeploy.provisioner.owner import Owner


@dataclass(frozen=True)
class Observed:
    """All resources of one owner, and what they are among.

    Attributes:
        alive: What exists, by logical name, dependencies first.
        ended: How many of a logical name AWS still lists though they have ended.
        others: What the same reads have shown of others' resources; not all that there are.
        foreign: AWS's identifiers by logical name of a network that is not the owner's.
        replaced: AWS's identifiers of hosts that others are to take the place of.
    """

    alive: Mapping[str, Found]
    ended: Mapping[str, int]
    others: tuple[Found, ...] = ()
    foreign: Mapping[str, str] = field(default_factory=dict)
    replaced: frozenset[str] = frozenset()

    @property
    def ids(self) -> dict[str, str]:
        """AWS's identifiers by logical name."""
        return {**self.foreign, **{key: found.id for key, found in self.alive.items()}}

    @property
    def leaving(self) -> tuple[Found, ...]:
        """The hosts that are replaced and still there."""
        return tuple(one for one in self.alive.values() if one.id in self.replaced)


def observe(cloud: Cloud, owner: Owner, vpc: str | None = None) -> Observed:
    """Ask each service; of the network `vpc`, which need not be the owner's, all that is in it.

    Raises:
        ResourceFailed: Two resources have one logical name.
    """
    listed = _listed(cloud, owner, vpc)
    ours = [one for one in listed if one.ours]
    alive: dict[str, Found] = {}
    for found in ours:
        if found.alive and found.key in alive:
            raise ResourceFailed(
                f"two resources are tagged as {found.key}: {alive[found.key].id} and {found.id}",
                remediation="Delete the one that is not in use, then deploy again.",
            )
        if found.alive:
            alive[found.key] = found
    ended = Counter(found.key for found in ours if not found.alive)
    return Observed(alive, ended, tuple(one for one in listed if not one.ours))


def read_all(cloud: Cloud, owner: Owner, noted: Iterable[str] = ()) -> list[Found]:
    """Everything that is tagged as the owner's, also what has ended, in the order of KINDS.

    Args:
        cloud: Where.
        owner: Whose.
        noted: Logical names of what the journal says was made: what it came with is looked for,
            though it may be gone itself.
    """
    return [one for one in _listed(cloud, owner, noted=frozenset(noted)) if one.ours]


def _listed(
    cloud: Cloud, owner: Owner, vpc: str | None = None, noted: frozenset[str] = frozenset()
) -> list[Found]:
    found: dict[str, list[Found]] = {}
    with ThreadPoolExecutor(len(KINDS)) as pool:
        for _, wave in groupby(sorted(KINDS, key=lambda k: k.wave), key=lambda kind: kind.wave):
            known = [one for each in found.values() for one in each if one.ours and one.alive]
            ids = {one.key: one.id for one in known}
            look = Look(cloud, owner, ids, linked(known), vpc, noted)
            reads = {kind.type: pool.submit(kind.listed, look) for kind in wave}
            found.update({kind: read.result() for kind, read in reads.items()})
    return [one for kind in KINDS for one in found[kind.type]]
