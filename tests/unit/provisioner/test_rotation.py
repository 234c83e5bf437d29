"""Hosts behind a load balancer that are taken out of service for another size."""

import pytest

import moto_api
from autodeploy.contracts import TechStack
from autodeploy.errors import ResourceFailed
from autodeploy.provisioner.keys import Keys
from autodeploy.provisioner.kinds import Site, rotation
from autodeploy.provisioner.observed import observe
from autodeploy.provisioner.patience import Patience
from autodeploy.settings import Settings

pytestmark = pytest.mark.slow

RESIZE = [
    "DeregisterTargets",
    "StopInstances",
    "ModifyInstanceAttribute",
    "StartInstances",
    "RegisterTargets",
]
HEALTH = "after-call.elastic-load-balancing-v2.DescribeTargetHealth"


@pytest.fixture
def balanced(controller):
    """An application with a load balancer before two hosts, that are to get another size."""
    controller.stack = TechStack(language="python", processes={"web": "run"})
    controller.settings = Settings(target="lab", hosts=2)
    controller.provision()
    controller.settings = Settings(target="lab", hosts=2, instance_type="t3.large")
    controller.cloud.calls.clear()
    return controller


def health():
    ((targets,),) = [
        [one["targets"] for one in found]
        for kind, found in moto_api.front().items()
        if kind.endswith("TargetDescription")
    ]
    return {one["Target"]["Id"]: one["TargetHealth"]["State"] for one in targets}


def test_a_target_is_let_go_before_the_stop_and_taken_back_after_the_start(balanced):
    before = health()
    spec = balanced.provision()
    assert moto_api.writes(balanced.cloud) == RESIZE * 2
    assert health() == before == dict.fromkeys((one.instance_id for one in spec.hosts), "healthy")
    assert not balanced.plan().changes


def test_a_target_that_does_not_get_healthy_again_is_an_error_and_the_other_is_let_be(
    balanced, monkeypatch
):
    monkeypatch.setattr(rotation, "HEALTHY_SECONDS", 0.3)

    def ill(parsed, **_):
        if "RegisterTargets" in moto_api.writes(balanced.cloud):
            for one in parsed["TargetHealthDescriptions"]:
                one["TargetHealth"] = {"State": "unhealthy"}

    with moto_api.hook(HEALTH, ill), pytest.raises(ResourceFailed, match="to be healthy again"):
        balanced.provision()
    assert moto_api.writes(balanced.cloud) == RESIZE
    assert len(health()) == 2


def test_a_crash_after_every_call_leaves_no_host_out_of_rotation(balanced, one_at_a_time):
    calls = 0
    while True:
        try:
            with moto_api.crash_after(1):
                balanced.restarted().provision()
        except moto_api.Crash:
            calls += 1
        else:
            break
    assert calls == 9
    assert len(health()) == 2
    sizes = {one["InstanceType"] for one in moto_api.of("AWS::EC2::Instance")}
    assert sizes == {"t3.large"}


@pytest.fixture
def site(balanced):
    """Where it is, and its first host."""
    observed = observe(balanced.cloud, balanced.owner)
    place = (balanced.cloud, balanced.owner, Keys(balanced.keys), Patience(pace=0.001))
    return Site(*place, ids=observed.ids), observed.alive["host-1"]


def test_a_host_that_is_no_target_is_no_business_of_the_balancers(balanced, site):
    where, host = site
    rotation.remove(where, where.ids["target-group"], {host.id})
    balanced.cloud.calls.clear()
    with rotation.out_of_rotation(where, host):
        pass
    assert moto_api.writes(balanced.cloud) == []


def test_a_failure_meanwhile_does_not_keep_the_host_from_its_balancer(site):
    where, host = site
    with pytest.raises(ZeroDivisionError), rotation.out_of_rotation(where, host):
        assert 1 / (host.id in health())
    assert host.id in health()
