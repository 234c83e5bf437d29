"""After a Ctrl-C the commands that lead on are named, and they are those of what was left."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

import storykit
from autodeploy import conductor, stopping
from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import Interrupted, StateError

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


RUN = "autodeploy.conductor.run"


def asks(call=None):
    """Stands for a Ctrl-C while `call` works."""

    def asked(*given, **more):
        stopping.asked.set()
        return call(*given, **more) if call else None

    return asked


def test_before_anything_is_begun(world, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(f"{RUN}.end_survivors", asks())
        with pytest.raises(Interrupted) as error:
            world.deploy()
    assert error.value.exit_code == 130
    assert world.store.ids() == []


def test_a_retry_before_it_goes_on(world, monkeypatch):
    failed = stopped(world, FIRST, world.deploy)
    before = world.store.history(failed.id)
    with monkeypatch.context() as patch:
        patch.setattr(f"{RUN}.end_survivors", asks())
        with pytest.raises(Interrupted):
            world.retry()
    assert world.store.history(failed.id) == before


def test_between_the_beginning_and_the_first_stage(world, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(world.store, "create", asks(world.store.create))
        state = world.deploy()
    assert state.status is DeploymentStatus.CANCELLED
    assert f"`autodeploy retry {state.id}`" in state.error.remediation
    with monkeypatch.context() as patch:
        patch.setattr(f"{RUN}._bury", asks())
        assert world.retry().status is DeploymentStatus.CANCELLED


@pytest.fixture
def shut(world, monkeypatch):
    """Who worked on the application when what a rollback had opened was shut again."""
    world.deploy()
    world.commit("two")
    world.deploy()
    found = []

    @contextmanager
    def admitted(*_):
        try:
            yield
        finally:
            found.append(world.store.holder(storykit.NAME, "production"))

    monkeypatch.setattr("autodeploy.provisioner.admitted", admitted)
    return found


def test_a_rollback_between_its_look_and_its_first_stage(world, shut, monkeypatch):
    monkeypatch.setattr(f"{RUN}._bury", asks())
    assert world.rollback().status is DeploymentStatus.ROLLBACK_FAILED
    assert [one and one.operation for one in shut] == ["rollback"]


def test_what_is_opened_for_a_rollback_that_cannot_begin_is_shut(world, shut, monkeypatch):
    def full(_journal):
        raise StateError("the disk is full")

    monkeypatch.setattr(f"{RUN}._bury", full)
    with pytest.raises(StateError, match="full"):
        world.rollback()
    assert [one and one.operation for one in shut] == ["rollback"]


def test_too_late_it_is_live_and_that_is_said(world, monkeypatch):
    """The release's step comes to its end, and nothing that could be stopped is left."""
    with monkeypatch.context() as patch:
        patch.setattr("autodeploy.sheriff.secure", asks())
        state = world.deploy()
    assert (state.status, state.error) == (DeploymentStatus.COMPLETED, None)
    said = [one for one in world.store.history(state.id) if one.kind == "log"]
    assert [one.message for one in said if "too late" in one.message] == [
        "too late to stop: release "
        f"{state.deployment.release} is live; `autodeploy rollback shop -e production` goes back"
    ]
    assert said[-1].level == "warning"
    assert "too late to stop" not in str(world.store.history(world.deploy().id))


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
