"""Which hosts a load balancer hands requests to, as far as they are healthy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from autodeploy.aws import Cloud
from autodeploy.aws.errors import is_gone
from autodeploy.errors import CloudError
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site, Step
from autodeploy.provisioner.kinds.load_balancer import LB_GROUP, tagged

if TYPE_CHECKING:
    from types_boto3_elbv2.type_defs import TargetGroupAttributeTypeDef

TARGET_GROUP = "target-group"
INTERVAL_SECONDS = 5
TIMEOUT_SECONDS = 4
HEALTHY_CHECKS = 2
UNHEALTHY_CHECKS = 3
DRAIN_SECONDS = 30
DRAIN = {"Key": "deregistration_delay.timeout_seconds", "Value": str(DRAIN_SECONDS)}
UNAVAILABLE = {
    "Type": "fixed-response",
    "FixedResponseConfig": {"StatusCode": "503"},
}


@dataclass(frozen=True)
class TargetGroup(Desired):
    """A target group of instances in the VPC `vpc`, for HTTP.

    Attributes:
        port: The hosts' port.
        health_path: What is asked of each host.
        health_below: Statuses from 200 to below this one are healthy.
    """

    type = "AWS::ElasticLoadBalancingV2::TargetGroup"
    id_field = "TargetGroupArn"
    replacing = "the load balancer answers 503 until its target group is there again"
    wave = 2
    vpc: str
    port: int
    health_path: str
    health_below: int

    @classmethod
    def key_of(cls, record: Mapping[str, Any]) -> str:  # noqa: ARG003
        """See Desired. An application has one, and descriptions have no tags."""
        return TARGET_GROUP

    @classmethod
    def describe(cls, look: Look) -> Sequence[Mapping[str, Any]]:
        """See Desired."""
        if not look.ever_had(LB_GROUP):
            return ()
        try:
            answer = look.cloud.elbv2().describe_target_groups(Names=[look.owner.short_name])
        except CloudError as error:
            if not is_gone(error):
                raise
            return ()
        return answer["TargetGroups"]

    @classmethod
    def belongs(cls, look: Look, record: Mapping[str, Any]) -> bool:
        """See Desired. What our load balancer forwards to is ours."""
        linked = bool(look.ours & set(record.get("LoadBalancerArns", ())))
        return linked or tagged(look, record["TargetGroupArn"])

    @property
    def needs(self) -> tuple[str, ...]:
        """See Desired."""
        return (self.vpc, LB_GROUP)

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired."""
        intend()
        answer = site.cloud.elbv2(retries=False).create_target_group(
            Name=site.owner.short_name,
            Protocol="HTTP",
            Port=self.port,
            VpcId=site.ids[self.vpc],
            TargetType="instance",
            Tags=site.owner.tags(self.key),  # type: ignore[arg-type]
            **self._health_check,
        )
        return self.found(answer["TargetGroups"][0])

    @property
    def _health_check(self) -> dict[str, Any]:
        """How AWS looks at a host: quickly enough for a deployment to wait for."""
        return {
            "HealthCheckPath": self.health_path,
            "HealthCheckIntervalSeconds": INTERVAL_SECONDS,
            "HealthCheckTimeoutSeconds": TIMEOUT_SECONDS,
            "HealthyThresholdCount": HEALTHY_CHECKS,
            "UnhealthyThresholdCount": UNHEALTHY_CHECKS,
            "Matcher": {"HttpCode": f"200-{self.health_below - 1}"},
        }

    def outdated(self, found: Found) -> str | None:
        """See Desired."""
        protocol, port = found.record["Protocol"], found.record["Port"]
        if (protocol, port) == ("HTTP", self.port):
            return None
        return (
            f"it is for {protocol} on port {port}, which cannot be changed to HTTP on {self.port}; "
            "meanwhile nothing answers"
        )

    def lacks(self, found: Found, ids: Mapping[str, str]) -> list[Step]:  # noqa: ARG002
        """See Desired.

        Descriptions do not tell attributes. They are set before any listener forwards to it, so
        one that a load balancer has is known to have them.
        """
        steps = []
        if not found.record.get("LoadBalancerArns"):
            steps.append(Step("is not set up to drain", lambda site: _set_drain(site, found.id)))
        wanted = self._health_check
        if any(found.record.get(name) != value for name, value in wanted.items()):
            steps.append(
                Step(
                    f"does not check for {wanted['Matcher']['HttpCode']} at {self.health_path}",
                    lambda site: site.cloud.elbv2().modify_target_group(
                        TargetGroupArn=found.id, **wanted
                    ),
                )
            )
        return steps

    @classmethod
    def loosen(cls, cloud: Cloud, found: Found) -> None:
        """See Desired. What a listener forwards to cannot be deleted."""
        for arn in found.record.get("LoadBalancerArns", ()):
            try:
                _forward_no_more(cloud, arn, found.id)
            except CloudError as error:
                if not is_gone(error):
                    raise

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired."""
        cloud.elbv2().delete_target_group(TargetGroupArn=found.id)


def _set_drain(site: Site, arn: str) -> None:
    elbv2, drain = site.cloud.elbv2(), cast("TargetGroupAttributeTypeDef", DRAIN)
    present = elbv2.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    if drain not in present:
        elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[drain])


def _forward_no_more(cloud: Cloud, balancer: str, group: str) -> None:
    elbv2 = cloud.elbv2()
    for listener in elbv2.describe_listeners(LoadBalancerArn=balancer)["Listeners"]:
        actions = listener["DefaultActions"]
        if any(one.get("TargetGroupArn") == group for one in actions):
            elbv2.modify_listener(
                ListenerArn=listener["ListenerArn"],
                DefaultActions=[UNAVAILABLE],  # type: ignore[list-item]
            )
