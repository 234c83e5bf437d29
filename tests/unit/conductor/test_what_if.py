"""A plan foresees what the deployment then does, and does nothing itself."""

from __future__ import annotations

import pytest

import moto_api
import storykit
from autodeploy import conductor
from autodeploy.contracts import SECRETS, Action, SavedPlan, comparison
from autodeploy.errors import LeaseHeld
from autodeploy.journal import DirectoryStore
from recon_git import Talk

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path):
    with storykit.world(tmp_path) as one:
        yield one


def plan(world, **flags):
    return conductor.plan(world.command(**flags), world.environment, Talk())


def files(folder):
    """What is in a folder, and when that was written."""
    return {
        path.relative_to(folder): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_it_only_reads_while_somebody_else_works_on_the_application(world):
    world.deploy()
    door = moto_api.cloud()
    there = moto_api.counts()
    other = DirectoryStore(world.store.root)
    with other.lease(storykit.NAME, "production", "deploy"):
        held = files(world.store.root)
        door.calls.clear()
        saved = plan(world, hosts=2)
    assert saved.forecast.work.startswith("new hosts, 2 hosts")
    assert moto_api.writes(door) == []
    assert "ec2:DescribeInstances" in {call.action for call in door.calls}
    assert moto_api.counts() == there
    assert files(world.store.root) == held


def test_the_deployment_foresees_what_the_plan_did_and_that_is_done(world):
    saved = plan(world)
    door = moto_api.cloud()
    door.calls.clear()
    state = world.deploy()
    assert state.foreseen.resources == saved.plan.actions
    assert state.foreseen.cost == saved.cost.after
    assert state.foreseen.forecast == saved.forecast
    assert SavedPlan.model_validate_json(saved.model_dump_json()) == saved
    planned = {one.key: one.action for one in saved.plan.actions}
    assert state.done == planned
    assert set(planned.values()) == {Action.CREATE}
    assert {one.key for one in state.resources} == planned.keys()
    called = {call.action for call in door.calls if moto_api.is_write(call)}
    assert called <= set(saved.forecast.permissions.writes)
    looked = {call.action for call in door.calls} - called
    assert looked <= {*saved.forecast.permissions.reads, "sts:GetCallerIdentity"}
    assert world.store.state(state.id) == state


def test_what_keeps_the_applications_secrets_is_a_resource_as_any_other(world):
    (world.repository / "autodeploy.yml").write_text("secrets:\n  KEY:\n    generate: 32\n")
    world.commit("one")
    saved = plan(world)
    (made,) = [one for one in saved.plan.actions if one.key == SECRETS]
    assert (made.action, made.reason) == (Action.CREATE, "keeps KEY")
    assert "secretsmanager:CreateSecret" in saved.forecast.permissions.writes
    state = world.deploy()
    assert state.foreseen.resources == saved.plan.actions
    assert state.foreseen.cost == saved.cost.after
    assert {one.key for one in state.foreseen.cost.resources} >= {SECRETS, "host-1"}
    assert state.done == {one.key: one.action for one in saved.plan.actions}
    assert comparison(state).otherwise == ()
    found = conductor.cost(world.known, world.environment).cost
    assert found.monthly == saved.cost.after.monthly


def test_secrets_that_hold_already_are_not_made_again(world):
    (world.repository / "autodeploy.yml").write_text("secrets:\n  KEY:\n    generate: 32\n")
    world.commit("one")
    world.deploy()
    world.commit("two")
    (there,) = [one for one in plan(world).plan.actions if one.key == SECRETS]
    assert there.action is Action.NONE
    assert "secretsmanager:CreateSecret" not in plan(world).forecast.permissions.writes
    world.set(MORE="x")
    assert comparison(world.release_again()).otherwise == ()


def test_the_second_is_told_by_the_first_of_its_work(world):
    world.deploy()
    first = plan(world).forecast
    assert first.work == "nothing" or first.timeline.basis.startswith("a table")
    world.commit("two")
    assert plan(world).forecast.timeline.basis.startswith("a table")
    world.deploy()
    world.commit("three")
    told = plan(world).forecast
    assert told.work.startswith("release, 1 host")
    assert told.timeline.basis == "1 run of this application"
    assert told.timeline.p50 == comparison(world.known.last).seconds
    assert told.undo[0] == f"release {world.serving} serves again"


def test_a_retry_keeps_what_was_foreseen_first(world):
    world.breaks = {"provisioner"}
    world.call = 4
    failed = world.deploy()
    foreseen = failed.foreseen
    assert foreseen is not None
    world.breaks = set()
    state = world.retry()
    assert state.foreseen == foreseen
    assert state.done == {one.key: one.action for one in foreseen.resources}
    assert comparison(state).seconds is None


def test_what_changes_nothing_has_foreseen_nothing(world):
    world.deploy()
    again = world.deploy()
    if not again.changed:
        assert again.foreseen is None
        assert comparison(again) is None


@pytest.mark.parametrize(
    ("first", "then", "actions"),
    [
        (
            {"hosts": 2},
            {"hosts": 1, "instance_type": "t3.large", "load_balancer": False},
            {Action.UPDATE, Action.DELETE},
        ),
        ({}, {"image": "debian-13"}, {Action.REPLACE}),
    ],
)
def test_what_is_changed_and_each_call_for_it_is_foreseen(world, first, then, actions):
    world.deploy(**first)
    door = moto_api.cloud()
    door.calls.clear()
    saved = plan(world, **then)
    state = world.deploy(**then)
    assert state.done == {one.key: one.action for one in saved.plan.actions}
    assert actions <= set(state.done.values())
    assert saved.forecast.downtime.seconds is None
    called = {call.action for call in door.calls if moto_api.is_write(call)}
    assert called <= set(saved.forecast.permissions.writes)


def test_hosts_are_not_looked_at_while_somebody_else_works_on_them(world):
    world.deploy()
    other = DirectoryStore(world.store.root)
    with (
        other.lease(storykit.NAME, "production", "deploy"),
        pytest.raises(LeaseHeld),
    ):
        conductor.plan(world.command(), world.environment, Talk(), detailed=True)
