"""`hosts replace`: another host serves before the one that goes, whatever comes between."""

from __future__ import annotations

import pytest

import moto_api
import storykit
from autodeploy import conductor
from autodeploy.conductor import releasing
from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import NotDeployed, ResourceFailed, UsageError

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path):
    with storykit.world(tmp_path) as one:
        yield one


def replaced(world, name):
    (host,) = conductor.replaceable(world.known, name)
    command = conductor.live_again(world.known, None, replaces=(host.instance_id,))
    return conductor.deploy(command, world.environment)


def names(state):
    return [host.name for host in state.hosts]


def targets():
    ((targets,),) = [
        [one["targets"] for one in found]
        for kind, found in moto_api.front().items()
        if kind.endswith("TargetDescription")
    ]
    return {one["Target"]["Id"] for one in targets}


def key_files(world):
    folder = world.store.application_folder("shop", "production") / "hosts"
    return sorted(one.stem for one in folder.glob("*.key"))


def test_a_host_gives_its_place_to_another_with_a_key_of_its_own(world):
    first = world.deploy(hosts=2)
    state = replaced(world, "host-1")
    assert state.status is DeploymentStatus.COMPLETED, state.error
    assert names(state) == ["host-2", "host-3"]
    assert state.hosts[0] == first.hosts[1]
    assert targets() == {host.instance_id for host in state.hosts}
    assert key_files(world) == ["host-2", "host-3"]
    assert world.known.hosts == state.hosts
    world.assert_as_the_state_says()
    runs = world.store.states("shop", "production")
    assert [one.changes for one in conductor.releases(runs, world.known)] == [
        ("the first",),
        ("another host for host-1",),
    ]
    assert world.deploy(hosts=2).hosts == state.hosts


def test_it_is_there_until_the_other_serves(world, monkeypatch):
    first = world.deploy(hosts=2)
    seen = []
    released = world.release

    def release(*given):
        seen.append(targets())
        return released(*given)

    monkeypatch.setattr(releasing.deployer, "release", release)
    state = replaced(world, "host-1")
    (while_released,) = seen
    both = {host.instance_id for host in (*first.hosts, *state.hosts)}
    assert while_released == both


def test_where_the_release_fails_it_stays_and_a_retry_goes_on(world):
    first = world.deploy(hosts=2)
    world.breaks = {"deployer"}
    failed = replaced(world, "host-1")
    assert failed.status is DeploymentStatus.FAILED
    assert first.hosts[0].instance_id in targets()
    world.breaks = set()
    state = world.retry()
    assert state.status is DeploymentStatus.COMPLETED, state.error
    assert names(state) == ["host-2", "host-3"]
    assert targets() == {host.instance_id for host in state.hosts}


@pytest.mark.parametrize("calls", range(0, 12, 2))
def test_killed_between_any_two_calls_a_retry_ends_it(world, calls):
    world.deploy(hosts=2)
    world.killed(calls, lambda: replaced(world, "host-2"))
    if world.known.last.status is not DeploymentStatus.COMPLETED:
        assert world.retry().status is DeploymentStatus.COMPLETED
    assert len(world.known.hosts) == 2
    assert "host-2" not in names(world.known)
    assert targets() == {host.instance_id for host in world.known.hosts}
    world.assert_as_the_state_says()


def test_one_that_is_gone_is_made_anew(world):
    first = world.deploy(hosts=2)
    moto_api.cloud().ec2().terminate_instances(InstanceIds=[first.hosts[0].instance_id])
    state = replaced(world, "host-1")
    assert state.status is DeploymentStatus.COMPLETED, state.error
    assert names(state) == ["host-1", "host-2"]
    assert state.hosts[0].instance_id != first.hosts[0].instance_id


def test_without_a_balancer_the_other_serves_first_too(world):
    first = world.deploy()
    state = replaced(world, "host-1")
    assert names(state) == ["host-3"]
    assert state.deployment.url != first.deployment.url
    world.assert_as_the_state_says()


def test_a_name_that_is_none_is_refused(world):
    world.deploy()
    with pytest.raises(NotDeployed, match="no host host-7"):
        conductor.replaceable(world.known, "host-7")


def test_hosts_that_exist_are_the_users(world):
    world.deploy()
    known = world.known.model_copy(update={"target": "ssh"})
    with pytest.raises(UsageError, match="yours"):
        conductor.replaceable(known, None)


def test_each_is_shown_as_aws_and_its_balancer_have_it(world):
    state = world.deploy(hosts=2)
    moto_api.cloud().ec2().terminate_instances(InstanceIds=[state.hosts[1].instance_id])
    one, other = conductor.hosts(world.known, world.environment)
    assert (one.health, one.release, one.instance_type) == ("healthy", world.serving, "t3.small")
    assert one.zone
    assert one.since
    assert other.health == "terminated"


@pytest.fixture
def upgraded(monkeypatch):
    """The targets at the moment when hosts are upgraded, one look an upgrade."""
    seen = []

    def upgrade(*_, reboots):
        seen.append(targets())
        return []

    monkeypatch.setattr("autodeploy.deployer.upgrade", upgrade)
    monkeypatch.setattr("autodeploy.deployer.log_in", lambda *_: None)
    return seen


def without_repository(world):
    return conductor.Command(None, "shop", {}, world.command().settings)


def test_what_a_killed_upgrade_left_outside_comes_in_again_first(world, upgraded):
    state = world.deploy(hosts=2)
    both = {host.instance_id for host in state.hosts}
    (group,) = [one.id for one in state.resources if one.type.endswith("::TargetGroup")]
    gone = [{"Id": state.hosts[0].instance_id}]
    moto_api.cloud().elbv2().deregister_targets(TargetGroupArn=group, Targets=gone)
    assert targets() != both
    conductor.upgrade(without_repository(world), world.environment, None, reboots=False)
    assert upgraded == [both]


def test_where_another_host_does_not_serve_none_is_taken_out(world, upgraded, monkeypatch):
    world.deploy(hosts=2)
    monkeypatch.setitem(conductor.upgrade.__globals__, "ALL_HEALTHY_SECONDS", 0.3)

    def ill(parsed, **_):
        one, *_others = parsed["TargetHealthDescriptions"]
        one["TargetHealth"] = {"State": "unhealthy", "Reason": "Target.FailedHealthChecks"}

    name = "after-call.elastic-load-balancing-v2.DescribeTargetHealth"
    with moto_api.hook(name, ill), pytest.raises(ResourceFailed, match="not healthy") as raised:
        conductor.upgrade(without_repository(world), world.environment, None, reboots=False)
    assert "hosts replace" in raised.value.remediation
    assert upgraded == []


def test_it_stays_while_the_balancer_does_not_find_the_other_healthy(world, monkeypatch):
    first = world.deploy(hosts=2)
    old = first.hosts[0].instance_id
    settle = releasing.deployer.Balancer.settle
    monkeypatch.setattr(settle.__globals__["Balancer"], "settle", lambda one: settle(one, 0.3))

    def ill(parsed, **_):
        for one in parsed["TargetHealthDescriptions"]:
            if one["Target"]["Id"] not in {host.instance_id for host in first.hosts}:
                one["TargetHealth"] = {"State": "initial"}

    with moto_api.hook("after-call.elastic-load-balancing-v2.DescribeTargetHealth", ill):
        failed = replaced(world, "host-1")
    assert "host-3 is not healthy for its load balancer" in failed.error.message
    assert old in targets()
    assert world.retry().status is DeploymentStatus.COMPLETED
    assert old not in targets()
