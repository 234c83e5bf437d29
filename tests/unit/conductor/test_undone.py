"""What was said of failures at `deploy` holds: by itself, in a retry, after a Ctrl-C."""

from __future__ import annotations

from dataclasses import replace

import pytest

import moto_api
import storykit
from autodeploy import conductor, stopping
from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import Interrupted, LeaseLost

pytestmark = pytest.mark.slow
BACK, FAILED = DeploymentStatus.ROLLED_BACK, DeploymentStatus.FAILED
CANCELLED = DeploymentStatus.CANCELLED
ROLLBACK = {"on_failure": "rollback"}


@pytest.fixture
def world(tmp_path):
    with storykit.world(tmp_path) as one:
        one.breaks = {"deployer"}
        yield one


@pytest.fixture
def said(world, monkeypatch):
    """What people are told beside the events."""
    lines = []
    monkeypatch.setattr(world.store, "say", lines.append)
    return lines


def deploy(world, flags=None, **more):
    command = replace(world.command(**flags or {}), **more)
    state = conductor.deploy(command, world.environment)
    return conductor.undo_failed(command, world.environment, state)


def retry(world, on_failure=None):
    command = conductor.again(world.known, None, None, on_failure)
    state = conductor.retry(command, world.environment, world.known)
    return conductor.undo_failed(command, world.environment, state)


def nothing_left():
    return not any(moto_api.everything().values())


@pytest.mark.parametrize(("said", "status"), [({}, FAILED), (ROLLBACK, BACK)])
def test_it_is_done_where_it_was_said(world, said, status):
    assert deploy(world, **said).status is status
    assert nothing_left() is bool(said)


@pytest.mark.parametrize(
    ("first", "then", "status"),
    [
        ("keep", None, FAILED),
        ("keep", "rollback", BACK),
        ("rollback", None, BACK),
        ("rollback", "keep", FAILED),
    ],
)
def test_a_retry_remembers_it_unless_it_is_said_anew(world, first, then, status):
    conductor.deploy(replace(world.command(), on_failure=first), world.environment)
    state = retry(world, then)
    assert state.status is status
    assert state.command.on_failure == (then or first)


def test_said_anew_it_holds_for_the_next_retry_too(world):
    conductor.deploy(replace(world.command(), **ROLLBACK), world.environment)
    assert retry(world, "keep").status is FAILED
    assert retry(world).status is FAILED


def test_what_was_stopped_at_a_safe_point_is_undone(world):
    world.error = Interrupted("stopped by the user")
    state = deploy(world, **ROLLBACK)
    assert state.status is BACK
    assert "goes now" in state.failure.remediation
    assert nothing_left()


def test_what_was_stopped_at_once_is_kept(world, monkeypatch):
    world.error = KeyboardInterrupt()
    monkeypatch.setattr(stopping, "is_final", lambda: True)
    state = deploy(world, **ROLLBACK)
    assert state.status is CANCELLED
    assert f"`autodeploy retry {state.id}`" in state.error.remediation
    world.assert_as_the_state_says()


def test_what_has_lost_its_lease_is_kept(world, monkeypatch):
    def lose(agent, _error):
        if agent == "deployer":
            stopping.lose(LeaseLost("the lease could not be renewed"))
            stopping.check()

    monkeypatch.setattr(world, "break_at", lose)
    state = deploy(world, **ROLLBACK)
    assert state.status is FAILED
    assert f"`autodeploy retry {state.id}`" in state.error.remediation
    world.assert_as_the_state_says()


def test_what_somebody_has_gone_on_with_since_is_kept(world):
    command = replace(world.command(), **ROLLBACK)
    state = conductor.deploy(command, world.environment)
    world.retry()
    assert conductor.undo_failed(command, world.environment, state) == state
    world.assert_as_the_state_says()


@pytest.mark.parametrize(("yes_data", "status"), [(False, FAILED), (True, BACK)])
def test_over_a_migration_it_goes_only_with_consent(world, said, yes_data, status):
    world.migrates = True
    state = deploy(world, **ROLLBACK, yes_data=yes_data)
    assert state.status is status
    if not yes_data:
        (line,) = said
        assert "what it made is kept" in line
        assert f"autodeploy rollback {state.id} --yes-data" in line
        world.assert_as_the_state_says()


def test_without_a_database_of_ours_a_migration_is_told_and_no_obstacle(world, said):
    world.migrates = True
    assert deploy(world, {"database": False}, **ROLLBACK).status is BACK
    (line,) = said
    assert "`migrate` has run" in line


def test_a_later_deployment_that_fails_keeps_all(world):
    world.breaks = set()
    world.deploy()
    world.breaks = {"deployer"}
    world.commit("two")
    assert deploy(world, **ROLLBACK).status is FAILED
    world.assert_as_the_state_says()
