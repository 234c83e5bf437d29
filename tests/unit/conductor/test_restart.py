"""A restart is another release of what is live, and nothing for whom comes after it."""

from __future__ import annotations

import pytest

import storykit
from autodeploy import conductor
from autodeploy.contracts import DeploymentStatus
from autodeploy.journal import who

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path):
    with storykit.world(tmp_path) as one:
        yield one


def completed(state):
    assert state.status is DeploymentStatus.COMPLETED, state.error
    return state


def test_it_is_another_release_of_the_same_commit_with_the_same_secrets(world):
    world.set(A="1")
    first = world.deploy()
    world.commit("not deployed")
    serving = [world.serving]
    for _ in range(2):
        again = completed(world.release_again(restarts=True))
        assert (again.commit, again.artifact) == (first.commit, first.artifact)
        assert again.deployment.restart == again.id
        assert world.given == {"A": "1"}
        serving.append(world.serving)
    assert len({*serving}) == 3
    runs = world.store.states("shop", "production")
    told = [one.changes for one in conductor.releases(runs, world.known)]
    assert told == [("the first",), ("restarted",), ("restarted",)]
    assert {one.by for one in runs} == {who()}


def test_a_rollback_leads_to_the_release_before_it(world):
    world.deploy()
    before = world.serving
    world.release_again(restarts=True)
    assert world.serving != before
    assert world.rollback().status is DeploymentStatus.ROLLED_BACK
    assert world.serving == before


def test_what_follows_keeps_its_mark_so_that_nothing_is_made_for_it(world):
    world.deploy()
    restarted = completed(world.release_again(restarts=True))
    serving = world.serving
    assert completed(world.deploy()).deployment.restart == restarted.id
    assert world.serving == serving
    world.set(A="1")
    again = completed(world.release_again())
    assert again.deployment.restart == restarted.id
    assert world.serving != serving


def test_one_that_failed_goes_on_as_the_same_restart(world):
    world.deploy()
    serving, world.breaks = world.serving, {"deployer"}
    failed = world.release_again(restarts=True)
    assert failed.status is DeploymentStatus.FAILED
    world.breaks = set()
    state = completed(world.retry())
    assert (state.id, state.deployment.restart) == (failed.id, failed.id)
    assert world.serving != serving


def test_that_hosts_were_not_hardened_holds_for_that_command_alone(world, monkeypatch):
    world.deploy(harden=False)
    assert conductor.live_again(world.known, None).settings.harden is True
    completed(world.release_again(restarts=True))
    assert world.known.live.security.hardened is True
    monkeypatch.setenv("AUTODEPLOY_HARDEN", "false")
    world.deploy()
    assert world.known.live.security.hardened is False
    for _again in range(2):
        completed(world.release_again(restarts=True))
        assert world.known.live.security.hardened is False
    monkeypatch.delenv("AUTODEPLOY_HARDEN")
    completed(world.release_again(restarts=True))
    assert world.known.live.security.hardened is True
