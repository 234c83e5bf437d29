"""A host behind a load balancer that is taken out of service."""

import pytest

import moto_api
from autodeploy.errors import ResourceFailed
from autodeploy.provisioner.keys import Keys
from autodeploy.provisioner.kinds import Instance, Site, rotation
from autodeploy.provisioner.kinds.lifecycle import described, resize
from autodeploy.provisioner.patience import Patience

pytestmark = pytest.mark.slow


@pytest.fixture
def balanced(controller):
    """A host and its site, and the target group that the host is in."""
    spec = controller.provision()
    ids = {one.key: one.id for one in spec.resources}
    elb = controller.cloud.elbv2()
    group = elb.create_target_group(
        Name="shop", Protocol="HTTP", Port=80, VpcId=ids["vpc"], TargetType="instance"
    )["TargetGroups"][0]["TargetGroupArn"]
    balancer = elb.create_load_balancer(
        Name="shop", Subnets=[ids["subnet-public-a"], ids["subnet-public-b"]]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    elb.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": ids["host-1"], "Port": 80}])
    site = Site(
        *(controller.cloud, controller.owner, Keys(controller.keys), Patience()),
        ids={**ids, "target-group": group},
    )
    controller.cloud.calls.clear()
    return site, Instance.found(described(controller.cloud, ids["host-1"]))


def health(site):
    said = site.cloud.elbv2().describe_target_health(TargetGroupArn=site.ids["target-group"])
    return [
        (one["Target"], one["TargetHealth"]["State"]) for one in said["TargetHealthDescriptions"]
    ]


def test_a_target_is_let_go_before_the_stop_and_taken_back_after_the_start(balanced):
    site, host = balanced
    before = health(site)
    resize(site, host, "t3.large")
    assert moto_api.writes(site.cloud) == [
        "DeregisterTargets",
        "StopInstances",
        "ModifyInstanceAttribute",
        "StartInstances",
        "RegisterTargets",
    ]
    assert health(site) == before
    assert before[0][1] == "healthy"
    assert not site.disruption.locked()


def test_a_host_that_is_no_target_is_no_business_of_the_balancers(balanced):
    site, host = balanced
    group = site.ids["target-group"]
    site.cloud.elbv2().deregister_targets(TargetGroupArn=group, Targets=[{"Id": host.id}])
    site.cloud.calls.clear()
    resize(site, host, "t3.large")
    assert "RegisterTargets" not in moto_api.writes(site.cloud)


def test_a_target_that_does_not_get_healthy_again_is_an_error(balanced, monkeypatch):
    site, host = balanced
    monkeypatch.setattr(rotation, "HEALTHY_SECONDS", 0.3)

    def ill(parsed, **_):
        if "RegisterTargets" in moto_api.writes(site.cloud):
            for one in parsed["TargetHealthDescriptions"]:
                one["TargetHealth"] = {"State": "unhealthy"}

    site.cloud.elbv2().meta.events.register_first(
        "after-call.elastic-load-balancing-v2.DescribeTargetHealth", ill
    )
    try:
        with pytest.raises(ResourceFailed, match="host-1 to be healthy again"):
            resize(site, host, "t3.large")
    finally:
        site.cloud.elbv2().meta.events.unregister(
            "after-call.elastic-load-balancing-v2.DescribeTargetHealth", ill
        )
    assert health(site)


def test_a_failure_meanwhile_does_not_keep_the_host_from_its_balancer(balanced):
    site, host = balanced
    with pytest.raises(ZeroDivisionError), rotation.out_of_rotation(site, host):
        assert 1 / len(health(site))
    assert len(health(site)) == 1
