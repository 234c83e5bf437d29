"""What a load balancer says of the hosts behind it."""

from __future__ import annotations

from typing import Any

from autodeploy.aws import Cloud
from autodeploy.contracts import InfrastructureSpec
from autodeploy.errors import CloudError

TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"


def groups_of(spec: InfrastructureSpec) -> list[str]:
    """ARNs of the hosts' target groups; none where no balancer stands before them."""
    return [one.id for one in spec.resources if one.type == TARGET_GROUP]


def described(cloud: Cloud, groups: list[str]) -> list[Any]:
    """What AWS says of every target of the groups: TargetHealthDescription.

    Raises:
        CloudError: AWS could not be asked.
    """
    answers = [cloud.elbv2().describe_target_health(TargetGroupArn=one) for one in groups]
    return [one for answer in answers for one in answer["TargetHealthDescriptions"]]


def target_health(cloud: Cloud | None, spec: InfrastructureSpec) -> str:
    """Each host that gets no requests and why, a line each; nothing where there is no balancer."""
    if cloud is None:
        return ""
    names = {host.instance_id: host.name for host in spec.hosts}
    try:
        targets = described(cloud, groups_of(spec))
    except CloudError as error:
        return f"what the load balancer says of the hosts could not be asked: {error}"
    return "\n".join(
        f"the load balancer holds {names.get(one['Target']['Id'], one['Target']['Id'])} for "
        f"{health['State']}: {health.get('Description')} ({health.get('Reason')})"
        for one in targets
        if (health := one["TargetHealth"])["State"] != "healthy"
    )
