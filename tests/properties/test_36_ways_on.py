"""Property 36: from any failed state there is a way on; retry and rollback end where they say."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

import moto_api
import storykit
from autodeploy.cli import ways
from autodeploy.contracts import DeploymentStatus

pytestmark = [pytest.mark.property, pytest.mark.slow]

COMPLETED, ROLLED_BACK = DeploymentStatus.COMPLETED, DeploymentStatus.ROLLED_BACK
failures = st.tuples(st.sampled_from([*storykit.AGENTS, "killed"]), st.integers(1, 25))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ways")
    with pytest.MonkeyPatch.context() as patch, storykit.world(folder) as one:
        patch.setenv("AUTODEPLOY_HOME", str(one.store.root))
        yield one


def end_badly(world, failure, act):
    """Do something, and let it fail; whether it has."""
    agent, number = failure
    world.breaks, world.call = {agent}, number
    try:
        return act() if agent != "killed" else world.killed(number, act)
    finally:
        world.breaks = set()


@given(
    st.lists(failures, min_size=1, max_size=2),
    st.lists(failures, max_size=1),
    st.booleans(),
    st.booleans(),
)
def test_retry_and_rollback_end_where_they_say(world, failed, back_failed, goes_back, anew):
    """The account is what the example before left; every second one begins with an empty one."""
    if anew:
        world.destroy()
    commit = world.commit(secrets.token_hex())
    before = (world.serving, moto_api.counts()) if world.live else (None, {})
    state = end_badly(world, failed[0], lambda: world.deploy(database=False))
    for failure in failed[1:]:
        if state.status is not COMPLETED:
            state = end_badly(world, failure, world.retry)
    is_up = state.status is COMPLETED
    wanted = [] if is_up else [f"autodeploy retry {state.id}", f"autodeploy rollback {state.id}"]
    assert ways.on(world.known) == wanted
    if goes_back:
        for failure in back_failed:
            end_badly(world, failure, world.rollback)
        ends = world.known.change is None or world.known.change.id != state.id
        end = world.store.state(state.id) if ends else world.rollback()
        assert (end.id, end.status, end.error) == (state.id, ROLLED_BACK, None)
        assert (world.live, moto_api.counts()) == (before[0], before[1])
    else:
        end = state if is_up else world.retry()
        assert (end.id, end.status, end.error) == (state.id, COMPLETED, None)
        assert end.commit == commit
        assert world.live == world.serving == storykit.release_of(commit)
    assert ways.on(world.known) == []
    world.assert_as_the_state_says()
    moto_api.forget_deleted()
