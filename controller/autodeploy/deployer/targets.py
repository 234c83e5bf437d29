"""What a load balancer says of the hosts behind it."""

from __future__ import annotations

from autodeploy.aws import Cloud
from autodeploy.contracts import InfrastructureSpec
from autodeploy.errors import CloudError

TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"


def target_health(cloud: Cloud | None, spec: InfrastructureSpec) -> str:
    """Each host that gets no requests and why, a line each; nothing where there is no balancer."""
    if cloud is None:
        return ""
    names = {host.instance_id: host.name for host in spec.hosts}
    groups = [one.id for one in spec.resources if one.type == TARGET_GROUP]
    try:
        answers = [cloud.elbv2().describe_target_health(TargetGroupArn=one) for one in groups]
    except CloudError as error:
        return f"what the load balancer says of the hosts could not be asked: {error}"
    return "\n".join(
        f"the load balancer holds {names.get(one['Target']['Id'], one['Target']['Id'])} for "
        f"{health['State']}: {health.get('Description')} ({health.get('Reason')})"
        for answer in answers
        for one in answer["TargetHealthDescriptions"]
        if (health := one["TargetHealth"])["State"] != "healthy"
    )
