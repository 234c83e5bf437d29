"""After a Ctrl-C the commands that lead on are named, and they are those of what was left."""

from __future__ import annotations

import pytest

import storykit
from autodeploy import conductor
from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import Interrupted

pytestmark = pytest.mark.slow
FIRST, SECOND = Interrupted("stopped by the user"), KeyboardInterrupt()
both = pytest.mark.parametrize("error", [FIRST, SECOND], ids=["first", "second"])


@pytest.fixture
def world(tmp_path):
    with storykit.world(tmp_path) as one:
        yield one


def stopped(world, error, act):
    world.breaks, world.error = {"deployer"}, error
    try:
        return act()
    finally:
        world.breaks, world.error = set(), None


@both
def test_a_first_deployment(world, error):
    state = stopped(world, error, world.deploy)
    assert state.status is DeploymentStatus.CANCELLED
    assert state.error.remediation == (
        f"Go on with `autodeploy retry {state.id}`, or go back with "
        f"`autodeploy rollback {state.id}`."
    )
    assert world.retry().status is DeploymentStatus.COMPLETED


@both
def test_a_deployment_that_found_what_another_had_left(world, error):
    stopped(world, error, world.deploy)
    state = stopped(world, error, world.deploy)
    assert state.error.remediation == (
        f"Go on with `autodeploy retry {state.id}`, or go back with "
        "`autodeploy destroy shop -e production`."
    )


@both
def test_a_rollback(world, error):
    world.deploy()
    world.commit("two")
    world.deploy()
    state = stopped(world, error, world.rollback)
    assert state.status is DeploymentStatus.ROLLBACK_FAILED
    assert state.error.remediation == f"Go on with `autodeploy rollback {state.id}`."
    assert world.rollback().status is DeploymentStatus.ROLLED_BACK


@both
def test_a_removal(world, error, monkeypatch):
    world.deploy()

    def stop(*_args, **_more):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("autodeploy.provisioner.destroy", stop)
        state = conductor.destroy(world.command(), world.environment)
    assert state.status is DeploymentStatus.CANCELLED
    assert state.error.remediation == "Go on with `autodeploy destroy shop -e production`."
