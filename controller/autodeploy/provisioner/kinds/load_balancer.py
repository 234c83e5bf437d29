"""What takes the world's requests and hands them to the hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.aws.errors import is_gone
from autodeploy.errors import CloudError, ResourceFailed
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site, Step
from autodeploy.provisioner.owner import tags_of

BALANCER = "load-balancer"
LB_GROUP = "security-group-lb"
"""The group of all load balancers of ours: made before what stands behind it, and the last to go.

Where it is not, no part of a load balancer need be looked for.
"""
WORKING = frozenset({"active", "active_impaired"})
ACTIVE_SECONDS, USUAL_SECONDS = 600, 120


@dataclass(frozen=True)
class LoadBalancer(Desired):
    """An application load balancer that the internet reaches.

    Attributes:
        subnets: Logical names of public subnets in different zones.
        groups: Logical names of its security groups.
        gateway: Logical name of the network's way to the internet.
    """

    type = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    id_field = "LoadBalancerArn"
    wave = 1
    subnets: tuple[str, ...]
    groups: tuple[str, ...]
    gateway: str

    @classmethod
    def key_of(cls, record: Mapping[str, Any]) -> str:  # noqa: ARG003
        """See Desired. An application has one, and descriptions have no tags."""
        return BALANCER

    @classmethod
    def describe(cls, look: Look) -> Sequence[Mapping[str, Any]]:
        """See Desired."""
        if not look.ever_had(LB_GROUP):
            return ()
        try:
            answer = look.cloud.elbv2().describe_load_balancers(Names=[look.owner.short_name])
        except CloudError as error:
            if not is_gone(error):
                raise
            return ()
        return answer["LoadBalancers"]

    @classmethod
    def belongs(cls, look: Look, record: Mapping[str, Any]) -> bool:
        """See Desired. What has a group of ours is ours."""
        linked = bool(look.ours & set(record.get("SecurityGroups", ())))
        return linked or tagged(look, record["LoadBalancerArn"])

    @property
    def needs(self) -> tuple[str, ...]:
        """See Desired."""
        return (self.gateway, *self.subnets, *self.groups)

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired."""
        intend()
        answer = site.cloud.elbv2(retries=False).create_load_balancer(
            Name=site.owner.short_name,
            Subnets=[site.ids[one] for one in self.subnets],
            SecurityGroups=[site.ids[one] for one in self.groups],
            Scheme="internet-facing",
            Type="application",
            Tags=site.owner.tags(self.key),  # type: ignore[arg-type]
        )
        return self.found(answer["LoadBalancers"][0])

    def lacks(self, found: Found, ids: Mapping[str, str]) -> list[Step]:
        """See Desired."""
        steps = []
        groups = {ids.get(one) for one in self.groups}
        if groups != set(found.record.get("SecurityGroups", ())):
            steps.append(
                Step("has other security groups", lambda site: self._set_groups(site, found.id))
            )
        zones = found.record.get("AvailabilityZones", ())
        if {ids.get(one) for one in self.subnets} != {one["SubnetId"] for one in zones}:
            steps.append(
                Step("is in other subnets", lambda site: self._set_subnets(site, found.id))
            )
        return steps

    def _set_groups(self, site: Site, arn: str) -> None:
        site.cloud.elbv2().set_security_groups(
            LoadBalancerArn=arn, SecurityGroups=[site.ids[one] for one in self.groups]
        )

    def _set_subnets(self, site: Site, arn: str) -> None:
        site.cloud.elbv2().set_subnets(
            LoadBalancerArn=arn, Subnets=[site.ids[one] for one in self.subnets]
        )

    def ready(self, site: Site, found: Found) -> Found:
        """See Desired."""
        record: Mapping[str, Any] = found.record

        def works() -> bool:
            nonlocal record
            record = described(site.cloud, found.id)
            return _works(record)

        if not _works(record):
            what = f"{found.key} ({record['LoadBalancerName']}) to be active"
            site.patience.until(works, seconds=ACTIVE_SECONDS, what=what, usual=USUAL_SECONDS)
        return replace(found, record=record)

    @classmethod
    def loss(cls, found: Found) -> str:
        """See Desired."""
        return f"its address, {found.record['DNSName']}, stops answering"

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired."""
        cloud.elbv2().delete_load_balancer(LoadBalancerArn=found.id)


def described(cloud: Cloud, arn: str) -> Mapping[str, Any]:
    """AWS's description of a load balancer."""
    answer = cloud.elbv2().describe_load_balancers(LoadBalancerArns=[arn])
    return answer["LoadBalancers"][0]


def tagged(look: Look, arn: str) -> bool:
    """Whether a load balancer or a part of one has the owner's tags: a read of its own."""
    answer = look.cloud.elbv2().describe_tags(ResourceArns=[arn])
    return any(look.owner.owns(tags_of(one)) for one in answer["TagDescriptions"])


def _works(record: Mapping[str, Any]) -> bool:
    state = record["State"]
    if state["Code"] == "failed":
        name, reason = record["LoadBalancerName"], state.get("Reason")
        raise ResourceFailed(
            f"the load balancer {name} could not be set up",
            cause=reason,
            remediation="`autodeploy destroy`, or delete it, then deploy again.",
        )
    return state["Code"] in WORKING
