"""A deployment that failed goes on in its own log, with what is there."""

from __future__ import annotations

import pytest

import storykit
from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import RetryRefused

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path):
    with storykit.world(tmp_path) as one:
        yield one


def said(world, state):
    events = world.store.history(state.id)
    return [one.message for one in events if one.kind == "log" and one.agent == "conductor"]


@pytest.mark.parametrize("agent", storykit.AGENTS)
def test_whatever_failed_it_goes_on_to_its_end(world, agent):
    world.breaks, world.call = {agent}, 7
    failed = world.deploy(hosts=2)
    assert (failed.status, failed.error.agent) == (DeploymentStatus.FAILED, agent)
    made = {one.id for one in failed.resources}
    world.breaks = set()
    state = world.retry()
    assert (state.id, state.status, state.error) == (failed.id, DeploymentStatus.COMPLETED, None)
    assert made <= {one.id for one in state.resources}
    assert len(state.hosts) == 2
    world.assert_as_the_state_says()


def test_it_says_what_it_reuses_and_what_it_makes_anew(world):
    world.breaks = {"deployer"}
    world.deploy()
    world.breaks = set()
    state = world.retry()
    lines = said(world, state)
    assert lines[0] == f"{state.id} goes on at the deployer"
    assert f"reused: commit {state.commit[:12]}" in lines
    assert f"reused: artifact {state.artifact[:12]}" in lines
    assert any("host-1" in line and line.startswith("reused: ") for line in lines)
    assert "reused: what prepares host-1" in lines
    assert not [line for line in lines if line.startswith("made anew")]
    assert world.prepared == 1


def test_a_host_that_is_gone_meanwhile_is_made_and_prepared_anew(world):
    world.breaks = {"deployer"}
    failed = world.deploy()
    storykit.moto_api.client().terminate_instances(InstanceIds=[failed.hosts[0].instance_id])
    world.breaks = set()
    state = world.retry()
    lines = said(world, state)
    assert "made anew: host-1" in lines
    assert "made anew: what prepares host-1" in lines
    assert world.prepared == 2
    world.assert_as_the_state_says()


def test_what_was_never_made_is_not_made_anew(world):
    """The fault was in what is read first; the hosts are those of the deployment before."""
    world.deploy()
    world.breaks = {"recon"}
    world.deploy()
    world.breaks = set()
    lines = said(world, world.retry())
    assert not [line for line in lines if line.startswith("made anew")]
    assert [line for line in lines if line.startswith("reused: ") and "host-1" in line]


def test_what_a_first_deployment_had_not_made_is_made(world):
    world.breaks = {"recon"}
    world.deploy()
    world.breaks = set()
    lines = said(world, world.retry())
    assert not [line for line in lines if line.startswith(("made anew", "reused"))]
    assert [line for line in lines if line.startswith("made: ") and "host-1" in line]


def test_the_commit_stays_though_the_branch_has_moved(world):
    world.breaks = {"deployer"}
    failed = world.deploy()
    world.commit("two")
    world.breaks = set()
    state = world.retry()
    assert (state.commit, state.artifact) == (failed.commit, failed.artifact)


def test_a_run_whose_controller_was_killed_goes_on(world):
    killed = world.killed(9)
    assert killed.status is DeploymentStatus.RUNNING
    state = world.retry()
    assert (state.id, state.status) == (killed.id, DeploymentStatus.COMPLETED)
    failures = [one for one in world.store.history(state.id) if one.kind == "failed"]
    assert [one.error.message for one in failures] == ["its process was ended"]
    world.assert_as_the_state_says()


def test_what_has_completed_or_is_being_undone_is_refused(world):
    world.deploy()
    with pytest.raises(RetryRefused, match="has completed"):
        world.retry()
    world.commit("two")
    world.deploy()
    world.breaks = {"deployer"}
    assert world.rollback().status is DeploymentStatus.ROLLBACK_FAILED
    with pytest.raises(RetryRefused, match="being undone"):
        world.retry()


def test_what_a_variable_has_said_holds_where_it_is_kept(world, monkeypatch):
    """Another number of hosts would remove some."""
    world.breaks = {"deployer"}
    monkeypatch.setenv("AUTODEPLOY_HOSTS", "3")
    assert len(world.deploy().hosts) == 3
    monkeypatch.delenv("AUTODEPLOY_HOSTS")
    world.breaks = set()
    assert len(world.retry().hosts) == 3


def test_what_is_not_kept_is_said(world, monkeypatch):
    world.breaks = {"recon"}
    monkeypatch.setenv("AUTODEPLOY_HEALTH_PATH", "/up")
    world.deploy()
    monkeypatch.delenv("AUTODEPLOY_HEALTH_PATH")
    world.breaks = set()
    assert any("AUTODEPLOY_HEALTH_PATH: set then" in one for one in said(world, world.retry()))


def test_what_a_variable_says_only_now_is_not_used_and_that_is_said(world, monkeypatch):
    world.breaks = {"deployer"}
    assert len(world.deploy().hosts) == 1
    monkeypatch.setenv("AUTODEPLOY_HOSTS", "3")
    world.breaks = set()
    state = world.retry()
    assert (state.status, len(state.hosts)) == (DeploymentStatus.COMPLETED, 1)
    assert any("AUTODEPLOY_HOSTS: set now, not then" in one for one in said(world, state))


def test_what_a_variable_says_otherwise_now_is_not_used(world, monkeypatch):
    world.breaks = {"deployer"}
    monkeypatch.setenv("AUTODEPLOY_HOSTS", "2")
    world.deploy()
    monkeypatch.setenv("AUTODEPLOY_HOSTS", "3")
    world.breaks = set()
    assert len(world.retry().hosts) == 2


def test_killed_after_its_very_first_line_it_can_go_on(world):
    killed = world.killed(1)
    log = world.store.log(killed.id)
    log.path.write_bytes(log.lines()[0] + b"\n")
    assert world.retry().status is DeploymentStatus.COMPLETED
