"""A first deployment is undone: everything that it made goes, and nothing else."""

from __future__ import annotations

import pytest

import moto_api
import storykit
from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import DataStays, RollbackRefused

pytestmark = pytest.mark.slow
BACK = DeploymentStatus.ROLLED_BACK


@pytest.fixture
def world(tmp_path):
    with storykit.world(tmp_path) as one:
        yield one


def nothing_left():
    return not any(moto_api.everything().values())


@pytest.mark.parametrize("agent", [*storykit.AGENTS, None])
def test_whatever_had_failed_nothing_is_left(world, agent):
    world.breaks, world.call = {agent}, 12
    first = world.deploy(hosts=2)
    world.breaks = set()
    state = world.rollback()
    assert (state.id, state.status, state.error) == (first.id, BACK, None)
    assert nothing_left()
    assert (state.resources, state.failure) == ((), first.error)
    known = {one.key for one in first.resources}
    assert known <= set(state.removed) <= known | set(first.intended)
    assert not list(world.store.application_folder("shop", "production").glob("id_*"))


def test_the_databases_data_is_kept_in_a_snapshot(world):
    world.breaks = {"deployer"}
    world.deploy()
    (snapshot,) = world.rollback().snapshots
    kept = moto_api.client("rds").describe_db_snapshots()["DBSnapshots"]
    assert [one["DBSnapshotIdentifier"] for one in kept] == [snapshot]
    world.breaks = set()
    world.deploy()
    assert len(world.rollback().snapshots) == 2


def test_a_rollback_that_is_called_once_more_ends_no_data(world):
    """A first deployment that has served may have some: who repeats a rollback means a release."""
    world.deploy()
    world.commit("two")
    world.deploy()
    world.rollback()
    before = moto_api.counts()
    with pytest.raises(DataStays, match="undoing it removes the application and the data"):
        world.rollback(yes_data=False)
    assert moto_api.counts() == before
    assert world.known.live.status is DeploymentStatus.COMPLETED
    assert world.rollback(yes_data=True).status is BACK


def test_where_nothing_was_begun_aws_is_not_asked(world):
    world.breaks = {"recon"}
    world.deploy()
    moto_api.cloud().calls.clear()
    assert world.rollback().status is BACK
    assert moto_api.cloud().calls == []


def test_one_that_failed_is_tried_again_by_the_same_command(world):
    world.deploy()
    refused = []

    def refuse(http_response, parsed, **_):
        if not refused:
            refused.append(True)
            http_response.status_code = 403
            parsed["Error"] = {"Code": "UnauthorizedOperation", "Message": "not today"}

    with moto_api.hook("after-call.ec2.DeleteSubnet", refuse):
        state = world.rollback()
    assert state.status is DeploymentStatus.ROLLBACK_FAILED
    assert (state.error.agent, state.failure) == ("provisioner", None)
    assert world.rollback().status is BACK
    assert nothing_left()


def test_what_others_have_made_stays_and_so_does_all_of_it(world):
    world.deploy()
    tags = [{"Key": "autodeploy:deployment", "Value": "another"}]
    group = moto_api.of("AWS::EC2::SecurityGroup")[0]["GroupId"]
    moto_api.client().create_tags(Resources=[group], Tags=tags)
    before = moto_api.counts()
    with pytest.raises(RollbackRefused) as refused:
        world.rollback()
    assert group in refused.value.cause
    assert moto_api.counts() == before
    assert world.known.last.status is DeploymentStatus.COMPLETED


def test_what_a_deployment_has_only_found_is_not_removed_with_it(world):
    world.breaks = {"deployer"}
    world.deploy()
    world.deploy()
    with pytest.raises(RollbackRefused, match="found what earlier deployments"):
        world.rollback()


def test_after_it_all_begins_anew(world):
    world.deploy(hosts=2)
    world.rollback()
    assert world.known.flags == {}
    state = world.deploy()
    assert state.status is DeploymentStatus.COMPLETED
    assert len(state.hosts) == 1
    world.assert_as_the_state_says()
