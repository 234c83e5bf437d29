"""What was opened for a run is shut after it, though the run has lost its lease."""

from __future__ import annotations

import pytest

import moto_api
from autodeploy import stopping
from autodeploy.deployer.balancer import Balancer
from autodeploy.errors import LeaseLost
from autodeploy.provisioner import admitted
from autodeploy.runner import host_alias
from autodeploy.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture
def controller(tmp_path):
    with moto_api.api():
        yield moto_api.Controller(tmp_path, settings=Settings(target="lab", hosts=2))


def ports():
    groups = moto_api.client().describe_security_groups()["SecurityGroups"]
    return {one.get("FromPort") for group in groups for one in group["IpPermissions"]}


def lose():
    stopping.lose(LeaseLost("somebody else has it"))


def test_ssh(controller):
    spec = controller.provision()

    def refuse(_event):
        stopping.check()  # As the journal of a lost lease.

    def work():
        with admitted(controller.cloud, spec.resources, controller.keys, refuse):
            assert 22 in ports()
            lose()
            stopping.guard()

    with stopping.at_safe_points(), pytest.raises(LeaseLost):
        work()
    assert 22 not in ports()


def test_a_host_that_left_its_balancer(controller):
    spec = controller.provision()
    balancer = Balancer(controller.cloud, spec, is_left=True)
    before = moto_api.front()
    with stopping.at_safe_points():
        balancer.answers["leave"](host_alias(spec, spec.hosts[0]))
        assert moto_api.front() != before
        lose()
        balancer.restore(controller.journal.agent("deployer"))
    assert sorted(targets(moto_api.front())) == sorted(targets(before))


def targets(front):
    kind = "AWS::ElasticLoadBalancingV2::TargetGroup.TargetDescription"
    return [one["Target"]["Id"] for group in front[kind] for one in group["targets"]]
