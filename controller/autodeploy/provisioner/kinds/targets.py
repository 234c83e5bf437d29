"""The hosts that are registered in a target group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.errors import CloudError
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site, Step
from autodeploy.provisioner.kinds.target_group import DRAIN_SECONDS, TARGET_GROUP

TARGETS = "targets"
ENDED = "InvalidTarget"
LEAVING = "draining"
DRAINED_SECONDS = 600


@dataclass(frozen=True)
class Targets(Desired):
    """Exactly these hosts as targets of a group; AWS knows them by the group's identifier.

    They are no targets any more, and what they were doing has ended, before they are terminated.

    Attributes:
        group: Logical name of the target group.
        hosts: Logical names of the hosts.
        leaving: AWS's identifiers of hosts that may still be targets.
    """

    type = "AWS::ElasticLoadBalancingV2::TargetGroup.TargetDescription"
    id_field = "TargetGroupArn"
    wave = 3
    group: str
    hosts: tuple[str, ...]
    leaving: frozenset[str] = frozenset()

    @classmethod
    def key_of(cls, record: Mapping[str, Any]) -> str:  # noqa: ARG003
        """See Desired. A group has one set of targets."""
        return TARGETS

    @classmethod
    def describe(cls, look: Look) -> Sequence[Mapping[str, Any]]:
        """See Desired."""
        group = look.ids.get(TARGET_GROUP)
        if group is None:
            return ()
        return [{cls.id_field: group, "Targets": states(look.cloud, group)}]

    @classmethod
    def belongs(cls, look: Look, record: Mapping[str, Any]) -> bool:  # noqa: ARG003
        """See Desired. Our group's targets are ours to say."""
        return True

    @classmethod
    def is_alive(cls, record: Mapping[str, Any]) -> bool:
        """See Desired. A group without targets has no such resource."""
        return bool(record["Targets"])

    @property
    def needs(self) -> tuple[str, ...]:
        """See Desired."""
        return (self.group, *self.hosts)

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired."""
        intend()
        group = site.ids[self.group]
        wanted = [site.ids[one] for one in self.hosts]
        register(site.cloud, group, wanted)
        return self.found({self.id_field: group, "Targets": dict.fromkeys(wanted, "initial")})

    def lacks(self, found: Found, ids: Mapping[str, str]) -> list[Step]:
        """See Desired. New hosts first, so that there is always one that answers."""
        group = ids.get(self.group)
        known = found.record["Targets"] if found.id == group else {}
        registered = {one for one, state in known.items() if state != LEAVING}
        wanted = {ids.get(one, one): one for one in self.hosts}
        steps = []
        if missing := sorted(wanted.keys() - registered):
            names = ", ".join(wanted[one] for one in missing)
            steps.append(Step(f"has not {names}", lambda site: self._add(site)))
        if surplus := known.keys() - wanted.keys() - self.leaving:
            reason = f"has {', '.join(sorted(surplus))}, which nothing asks for"
            steps.append(Step(reason, lambda site: remove(site, found.id, surplus)))
        return steps

    def _add(self, site: Site) -> None:
        register(site.cloud, site.ids[self.group], [site.ids[one] for one in self.hosts])

    def ready(self, site: Site, found: Found) -> Found:
        """See Desired. The application is not on the hosts yet: whether it answers comes later."""
        return replace(found, id=site.ids[self.group])

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired."""
        _deregister(cloud, found.id, found.record["Targets"])


def states(cloud: Cloud, group: str) -> dict[str, str]:
    """Each target's state by its identifier; what is on its way out is `draining`."""
    answer = cloud.elbv2().describe_target_health(TargetGroupArn=group)
    found = answer["TargetHealthDescriptions"]
    return {one["Target"]["Id"]: one["TargetHealth"]["State"] for one in found}


def register(cloud: Cloud, group: str, instances: Iterable[str]) -> None:
    """Let them be targets of the group; those that are stay so."""
    targets: Any = [{"Id": one} for one in instances]
    cloud.elbv2().register_targets(TargetGroupArn=group, Targets=targets)


def _deregister(cloud: Cloud, group: str, instances: Iterable[str]) -> None:
    """Let none of them be a target; one that has ended meanwhile is none by that."""
    for one in instances:
        try:
            cloud.elbv2().deregister_targets(TargetGroupArn=group, Targets=[{"Id": one}])
        except CloudError as error:
            if error.code != ENDED:
                raise


def remove(site: Site, group: str, instances: AbstractSet[str]) -> None:
    """Deregister them, and wait until what they have begun has ended."""
    present = states(site.cloud, group)
    if serving := [one for one in instances & present.keys() if present[one] != LEAVING]:
        _deregister(site.cloud, group, serving)
    site.patience.until(
        lambda: not instances & states(site.cloud, group).keys(),
        seconds=DRAINED_SECONDS,
        usual=DRAIN_SECONDS,
        what=f"{', '.join(sorted(instances))} to end what they serve",
    )
