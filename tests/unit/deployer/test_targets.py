"""What a load balancer says of its hosts, as the user is told it."""

from __future__ import annotations

from pathlib import Path

import pytest

import moto_api
from autodeploy.contracts import Host, InfrastructureSpec, Resource
from autodeploy.deployer.targets import target_health
from autodeploy.errors import CloudError

pytestmark = pytest.mark.slow

HEALTH = {
    "State": "unhealthy",
    "Reason": "Target.ResponseCodeMismatch",
    "Description": "Health checks failed with these codes: [404]",
}
GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
ASKED = "elastic-load-balancing-v2.DescribeTargetHealth"


@pytest.fixture
def spec():
    hosts = tuple(
        Host(
            name=f"host-{one}", address="192.0.2.1", instance_id=f"i-{one}", host_key="ssh-ed25519"
        )
        for one in (1, 2)
    )
    with moto_api.api():
        made = moto_api.client("elbv2").create_target_group(
            Name="group", Protocol="HTTP", Port=80, VpcId=vpc()
        )
        arn = made["TargetGroups"][0]["TargetGroupArn"]
        group = Resource(key="target-group", type=GROUP, id=arn)
        yield InfrastructureSpec(
            application="shop",
            environment="production",
            target="lab",
            image="debian-12",
            resources=(group,),
            hosts=hosts,
            ssh_key=Path("key"),
        )


def vpc():
    return moto_api.client().describe_vpcs()["Vpcs"][0]["VpcId"]


def test_each_host_that_gets_no_requests_is_named_with_the_reason(spec):
    def tells(parsed, **_):
        parsed["TargetHealthDescriptions"] = [
            {"Target": {"Id": "i-1", "Port": 80}, "TargetHealth": {"State": "healthy"}},
            {"Target": {"Id": "i-2", "Port": 80}, "TargetHealth": HEALTH},
        ]

    with moto_api.hook(f"after-call.{ASKED}", tells):
        assert target_health(moto_api.cloud(), spec) == (
            "the load balancer holds host-2 for unhealthy: Health checks failed with these codes: "
            "[404] (Target.ResponseCodeMismatch)"
        )


def test_a_reason_that_cannot_be_had_hides_nothing(spec):
    def refused(**_):
        raise CloudError("no")

    with moto_api.hook(f"before-call.{ASKED}", refused):
        assert "could not be asked: no" in target_health(moto_api.cloud(), spec)


def test_without_a_load_balancer_there_is_nothing_to_say(spec):
    assert target_health(moto_api.cloud(), spec.model_copy(update={"resources": ()})) == ""
