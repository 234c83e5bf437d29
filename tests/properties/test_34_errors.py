"""Property 34: the state changes with every error, whatever it is and wherever it is raised."""

from __future__ import annotations

import inspect
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy import errors
from autodeploy.conductor import Command, Environment
from autodeploy.conductor.run import begun
from autodeploy.errors import AutodeployError, BuildFailed, Interrupted, TaskFailed
from autodeploy.journal import DirectoryStore
from autodeploy.settings import Settings

text = st.text(max_size=20)
maybe = st.none() | text
OURS = [
    one
    for one in vars(errors).values()
    if inspect.isclass(one) and issubclass(one, AutodeployError)
]
PLAIN = sorted(set(OURS) - {BuildFailed, TaskFailed}, key=lambda one: one.__name__)


def made(kind, message, **more):
    taken = inspect.signature(kind).parameters.keys() & more.keys()
    return kind(message, **{name: more[name] for name in taken})


ours = st.builds(made, st.sampled_from(PLAIN), text, cause=maybe, step=maybe, host=maybe)
builds = st.builds(BuildFailed, text, st.none() | st.integers(1, 255), text)
others = st.builds(
    lambda kind, message: kind(message),
    st.sampled_from([ValueError, OSError, KeyError, RuntimeError, MemoryError, KeyboardInterrupt]),
    text,
)
agents = st.sampled_from(["recon", "compiler", "provisioner", "deployer", "sheriff"])


@pytest.mark.property
@given(ours | builds | others, st.none() | agents, st.sampled_from(["deploy", "destroy"]))
def test_the_state_changes_with_every_error(error, agent, operation):
    with TemporaryDirectory() as folder:
        store = DirectoryStore(Path(folder) / "store")
        environment = Environment(store=store, cache=Path(folder), open_cloud=lambda: None)
        command = Command(repository=None, name="shop", flags={}, settings=Settings())
        with begun(operation, command, environment) as run:
            if agent is None:
                raise error
            with run.stage(agent):
                raise error
        state = store.state(run.journal.state.id)
        stopped = isinstance(error, KeyboardInterrupt | Interrupted)
        assert state.status.value == ("cancelled" if stopped else "failed")
        assert state.completed_at is not None
        assert state.error.agent == (agent or "conductor")
        assert state.error.remediation
        failed = {one.agent for one in state.stages if one.status == "failed"}
        assert failed == {"conductor", *([agent] if agent else [])}
        if isinstance(error, AutodeployError):
            for field in ("message", "cause", "step", "host", "remediation", "exit_code"):
                assert getattr(state.error, field) == getattr(error, field)
        # The next one is not in its way.
        with begun(operation, command, environment):
            pass
