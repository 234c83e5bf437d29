"""What AWS says of an application's hosts now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from autodeploy.aws import Cloud
from autodeploy.contracts import Resource
from autodeploy.provisioner.kinds.base import Look
from autodeploy.provisioner.kinds.lifecycle import instances
from autodeploy.provisioner.kinds.target_group import TargetGroup
from autodeploy.provisioner.kinds.targets import states
from autodeploy.provisioner.owner import Owner


@dataclass(frozen=True)
class HostSeen:
    """One host as AWS has it.

    Attributes:
        state: EC2's word: running, stopped, terminated, ...
        zone: Its availability zone.
        instance_type: EC2's.
        since: When it was started.
        balancer: What its load balancer says of it: healthy, unhealthy, draining, ...; None where
            there is none, or the host is no target of it.
    """

    state: str
    zone: str
    instance_type: str
    since: datetime
    balancer: str | None


def hosts_seen(cloud: Cloud, owner: Owner, resources: Iterable[Resource]) -> dict[str, HostSeen]:
    """Every host that AWS knows, by its identifier; also such as have ended a moment ago.

    Raises:
        CloudError: AWS could not be asked.
    """
    groups = [one.id for one in resources if one.type == TargetGroup.type]
    healths = {host: state for one in groups for host, state in states(cloud, one).items()}
    return {
        one["InstanceId"]: HostSeen(
            state=one["State"]["Name"],
            zone=one["Placement"]["AvailabilityZone"],
            instance_type=one["InstanceType"],
            since=one["LaunchTime"],
            balancer=healths.get(one["InstanceId"]),
        )
        for one in instances(Look(cloud, owner))
    }
