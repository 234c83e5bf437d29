"""An agent's whole way without hosts: what it plans, what a human approves, what is carried out."""

from __future__ import annotations

import click
import pytest

import storykit
from autodeploy.cli import applications, statuswatch, wiring
from autodeploy.cli.assistant import approvals, work
from autodeploy.cli.assistant.server import ended
from autodeploy.cli.mcp import mcp
from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import DataStays, LeaseHeld, PlanOutdated, UsageError

pytestmark = pytest.mark.slow
FLAGS = {"environment": "production", "target": "lab"}


@pytest.fixture
def world(tmp_path, home, monkeypatch):
    with storykit.world(tmp_path) as one, click.Context(mcp):
        for door in ("environment", "onlooker"):
            monkeypatch.setattr(wiring, door, lambda _settings: one.environment)
        monkeypatch.setattr(applications, "store", lambda: one.store)
        monkeypatch.setattr(statuswatch, "looks", lambda known: [None for _ in known])
        yield one


def plan(world):
    """The id of a plan for what is in the repository now, that a human has approved."""
    planned = work.plan(str(world.repository), None, None, FLAGS)
    approvals.approve(planned.plan_id)
    return planned.plan_id


def deploy(identifier):
    told = []
    run = work.deploy(identifier, told.append)
    assert told
    return run


def back():
    planned = work.plan_rollback("shop", "production")
    approvals.approve(planned.plan_id)
    return planned


def test_what_was_approved_is_carried_out_shown_and_undone(world):
    (world.repository / "requirements.txt").write_text("flask\n")
    world.commit("without a database")
    planned = work.plan(str(world.repository), None, None, FLAGS)
    assert planned.summary["create"] > 5
    assert (planned.application, planned.target) == ("shop", "lab")
    assert planned.monthly_cost > 1
    with pytest.raises(UsageError, match="no human has approved"):
        deploy(planned.plan_id)
    approvals.approve(planned.plan_id)
    run = deploy(planned.plan_id)
    assert (run.status, run.error, run.next) == (DeploymentStatus.COMPLETED, None, [])
    assert not ended(run).is_error
    (shown,) = work.status("shop", "production").applications
    assert (shown.release, shown.url) == (run.release, run.url)
    undone = back()
    assert any(one.startswith("remove AWS::EC2::Instance") for one in undone.changes)
    assert work.rollback(undone.plan_id, lambda _event: None).status == "rolled_back"
    assert world.known.resources == ()
    for identifier, call in ((planned.plan_id, work.deploy), (undone.plan_id, work.rollback)):
        with pytest.raises(UsageError, match="was used"):
            call(identifier, lambda _event: None)


def test_an_approval_is_used_up_when_its_run_begins_and_not_before(world):
    identifier = plan(world)
    with (
        world.store.lease("shop", "production", "deploy"),
        pytest.raises(LeaseHeld) as held,
    ):
        deploy(identifier)
    assert f"with {identifier} again: its approval still holds" in held.value.remediation
    assert world.store.ids() == []
    assert deploy(identifier).status == "completed"

    world.commit("two")
    world.deploy()
    undone = back().plan_id
    with world.store.lease("shop", "production", "deploy"), pytest.raises(LeaseHeld):
        work.rollback(undone, lambda _event: None)
    assert work.rollback(undone, lambda _event: None).status == "rolled_back"


def test_the_profile_of_the_server_is_the_plan_s(world):
    click.get_current_context().params["profile"] = "acme"
    assert approvals.read(plan(world)).flags["profile"] == "acme"


def test_of_two_who_have_seen_one_approval_one_begins(world, monkeypatch):
    identifier = plan(world)
    seen = approvals.approved(identifier, "deploy")
    monkeypatch.setattr(approvals, "approved", lambda *_: seen)
    assert deploy(identifier).status == "completed"
    with pytest.raises(UsageError, match="was used"):
        work.deploy(identifier, lambda _event: None)
    assert len(world.store.ids()) == 1


def test_a_plan_of_another_commit_or_another_release_is_refused_with_what_changed(world):
    before = world.commit("one more")
    stale = plan(world)
    now = world.commit("two")
    refused = deploy(stale)
    assert refused.status == "failed"
    assert ended(refused).is_error
    assert refused.error.message == "the plan is not of this deployment; nothing was changed"
    assert refused.error.why == f"commit: {before}, not {now}"
    assert world.known.resources == ()

    stale = plan(world)
    live = world.deploy().deployment.release
    refused = deploy(stale)
    assert refused.error.why == f"live release: None, not {live}"
    assert world.live == live


def test_what_only_a_human_can_agree_to_is_no_plan(world):
    world.deploy()
    with pytest.raises(DataStays, match="the data in shop-production"):
        back()
    world.migrates = True
    world.commit("two")
    world.deploy()
    with pytest.raises(DataStays, match="data was migrated"):
        back()
    assert list(approvals.folder().iterdir()) == []


def test_a_rollback_of_what_has_changed_is_refused_with_what_changed(world):
    world.deploy()
    world.commit("two")
    second = world.deploy()
    stale = back().plan_id
    world.commit("three")
    third = world.deploy()
    with pytest.raises(PlanOutdated) as refused:
        work.rollback(stale, lambda _event: None)
    assert f"undoes: {second.id} then, {third.id} now" in refused.value.cause
    assert world.live == third.deployment.release
