"""Properties 5 and 6: success is told with all that belongs to it, any failure with its cause."""

from __future__ import annotations

import inspect
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

import storykit
from autodeploy import errors
from autodeploy.cli import outcome, output
from autodeploy.contracts import DeploymentStatus

pytestmark = [pytest.mark.property, pytest.mark.slow]

OURS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.AutodeployError)
    and kind not in {errors.BuildFailed, errors.TaskFailed, errors.Interrupted}
]
words = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=30)
ours = st.builds(lambda kind, said, why: kind(said, cause=why), st.sampled_from(OURS), words, words)
others = st.builds(
    lambda kind, said: kind(said),
    st.sampled_from([ValueError, KeyError, OSError, RuntimeError, AssertionError]),
    words,
)
agents = st.sampled_from(storykit.AGENTS)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ends")
    with pytest.MonkeyPatch.context() as patch, storykit.world(folder) as one:
        patch.setenv("AUTODEPLOY_HOME", str(one.store.root))
        yield one


def run(world, agent, error, capsys):
    """A deployment in which an agent fails; its state, and what people and scripts are told."""
    world.commit(secrets.token_hex())
    world.breaks, world.error = {agent}, error
    state = world.deploy(database=False)
    world.breaks, world.error = set(), None
    capsys.readouterr()
    outcome.show(state, as_json=False)
    told = capsys.readouterr()
    return state, told.out, told.err


@given(agents, st.one_of(ours, others))
def test_any_failure_of_any_agent_is_told_with_stage_and_cause(world, capsys, agent, error):
    state, out, err = run(world, agent, error, capsys)
    assert state.status is DeploymentStatus.FAILED
    assert state.completed_at >= state.created_at
    found = state.error
    assert found.agent == agent
    assert found.remediation
    if isinstance(error, errors.AutodeployError):
        assert (found.message, found.cause) == (error.message, error.cause)
    else:
        assert f"{type(error).__name__}: {error}" in found.cause
    assert {"conductor", agent} <= {one.agent for one in state.stages if one.status == "failed"}
    assert output.deployment_exit_code(state) == getattr(error, "exit_code", 1) != 0
    assert out == ""
    is_to_mend = state.error.exit_code == errors.UsageError.exit_code and not state.resources
    way_on = "give the same command again" if is_to_mend else f"autodeploy retry {state.id}"
    assert way_on in err
    assert "Traceback" not in err
    world.forget()


@given(st.one_of(st.none(), agents), ours)
def test_success_is_told_with_its_url_and_only_then(world, capsys, agent, error):
    state, out, err = run(world, agent, error, capsys)
    is_well = agent is None
    assert (state.status is DeploymentStatus.COMPLETED) is is_well
    assert (state.error is None) is is_well
    assert out == (f"{state.deployment.url}\n" if is_well else "")
    assert ("resources; deployment" in err) is is_well
    if is_well:
        assert {one.agent for one in state.stages} == {"conductor", *storykit.AGENTS}
        assert all(one.completed_at >= one.started_at for one in state.stages)
        assert all(host.address in err for host in state.hosts)
        assert len(output.deployment_data(state)["resources"]) == len(state.resources) > 0
    world.forget()
