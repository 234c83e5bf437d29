"""Property 32: any failure is captured with its stage, step, host and cause.

Properties 33 and 38 are of the same story: the context survives every layer, and every agent's run
is in the log.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy import errors
from autodeploy.cli import output
from autodeploy.conductor import Command, Environment
from autodeploy.conductor.run import begun
from autodeploy.errors import AutodeployError
from autodeploy.journal import AgentLog, DirectoryStore
from autodeploy.journal.events import LogLine, StageEnded, StageStarted, StepEnded
from autodeploy.settings import Settings
from eventkit import unsynced
from roadkit import AGENTS
from troubleshooting import tree

pytestmark = pytest.mark.property

words = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=20)
maybe = st.none() | words
agents = st.sampled_from(AGENTS[1:])
UNLIKE = {errors.BuildFailed, errors.TaskFailed, *[k for k in tree() if k.__name__ == "CloudError"]}
PLAIN = [kind for kind in tree() if not issubclass(kind, tuple(UNLIKE))]
GO_ON = (errors.Interrupted, errors.LeaseLost)
"""The run that they end names the commands that lead on."""
CLOUDS = [kind for kind in tree() if issubclass(kind, errors.CloudError)]


class Said(NamedTuple):
    """What an error says where it is raised."""

    message: str
    cause: str | None
    step: str | None
    host: str | None
    remediation: str | None


said = st.builds(Said, words, maybe, maybe, maybe, maybe)


def plain(kind: type[AutodeployError], one: Said) -> AutodeployError:
    about = {"cause": one.cause, "step": one.step, "remediation": one.remediation}
    return kind(one.message, host=one.host, **about)


def cloud(kind: type[errors.CloudError], one: Said) -> AutodeployError:
    return kind(one.message, cause=one.cause, action=one.step, remediation=one.remediation)


ours = st.one_of(
    st.builds(plain, st.sampled_from(PLAIN), said), st.builds(cloud, st.sampled_from(CLOUDS), said)
)
strange = st.builds(
    lambda kind, text: kind(text),
    st.sampled_from([OSError, ValueError, KeyError, RuntimeError, MemoryError]),
    words,
)


def run(tell: Callable[..., None]):
    """The state, the log and what is shown of a run whose inside is `tell`."""
    with TemporaryDirectory() as folder, unsynced():
        store = DirectoryStore(Path(folder))
        command = Command(repository=None, name="shop", flags={}, settings=Settings(target="lab"))
        with begun("deploy", command, Environment(store, Path(folder), None)) as running:
            tell(running)
        state = store.state(running.journal.state.id)
        return state, store.history(state.id)


@given(agents, words, maybe, ours | strange)
def test_a_failure_is_captured_with_stage_step_host_and_cause(agent, step, host, error):
    before = getattr(error, "step", None), getattr(error, "host", None)

    def tell(running):
        with running.stage(agent) as log, log.step(step, host):
            raise error

    state, history = run(tell)
    found = state.error
    assert state.status == ("cancelled" if isinstance(error, errors.Interrupted) else "failed")
    assert found.agent == agent
    assert (found.step, found.host) == (before[0] or step, before[1] or host)
    assert str(error) in f"{found.message}: {found.cause}"
    assert found.remediation
    assert [one.status for one in state.stages if one.agent == agent] == ["failed"]
    ended = [one for one in history if isinstance(one, StepEnded)]
    assert [(one.agent, one.step, one.outcome) for one in ended] == [(agent, step, "failed")]


@contextmanager
def nothing_of_its_own(log, _running):
    yield


@contextmanager
def another_step(log, _running):
    with log.step("outer", "another-host"):
        yield


@contextmanager
def another_stage(_log, running):
    with running.stage("conductor"):
        yield


@contextmanager
def a_stack(log, _running):
    with ExitStack() as stack:
        stack.enter_context(nothing_of_its_own(log, None))
        yield


@contextmanager
def raised_again(_log, _running):
    try:
        yield
    except BaseException as error:
        raise error


LAYERS = [nothing_of_its_own, another_step, another_stage, a_stack, raised_again]


def through(layers, in_threads, inside, log, running):
    """Call `inside` below all the layers, each in a thread of its own where that is asked."""
    if not layers:
        return inside()

    def outer():
        with layers[0](log, running):
            return through(layers[1:], in_threads[1:], inside, log, running)

    if not in_threads[0]:
        return outer()
    with ThreadPoolExecutor() as pool:
        done: Future[None] = pool.submit(outer)
        return done.result()


@given(agents, ours, st.lists(st.sampled_from(LAYERS), max_size=5), st.lists(st.booleans()))
def test_what_was_said_at_the_origin_is_in_the_report_whatever_is_between(
    agent, error, layers, in_threads
):
    threads = [*in_threads, *[False] * len(layers)]
    where, remediation = (error.step, error.host), error.remediation

    def inside(running):
        with running.stage(agent):
            raise error

    def tell(running):
        log = AgentLog(running.journal, "conductor")
        through(layers, threads, lambda: inside(running), log, running)

    found = run(tell)[0].error
    assert (found.agent, found.message, found.cause) == (agent, error.message, error.cause)
    if isinstance(error, GO_ON):
        assert "`autodeploy retry" in found.remediation
    else:
        assert found.remediation == remediation
    for said_there, reported in zip(where, (found.step, found.host), strict=True):
        assert said_there in {None, reported}
    shown = json.loads(json.dumps(output.error_data(found)))
    assert error.message in shown["cause"]
    assert (error.cause or "") in shown["cause"]
    assert {name: shown[name] for name in ("agent", "step", "host", "remediation")} == {
        name: getattr(found, name) for name in ("agent", "step", "host", "remediation")
    }


steps = st.lists(st.tuples(words, st.booleans()), max_size=3)


@given(st.lists(st.tuples(agents, steps, st.booleans()), max_size=4, unique_by=lambda one: one[0]))
def test_every_run_of_an_agent_is_logged_with_its_start_its_end_and_its_steps(stages):
    """Property 38. The first that fails is the last that runs."""

    def tell(running):
        for agent, told, fails in stages:
            with running.stage(agent) as log:
                talk(log, told)
                if fails:
                    raise errors.ReconError("ends here")

    _, history = run(tell)
    fallen = next((number for number, one in enumerate(stages, 1) if one[2]), len(stages))
    expected = [event for one in stages[:fallen] for event in logged(*one)]
    whole = [(StageStarted, "conductor", None), *expected]
    whole.append((StageEnded, "conductor", not any(one[2] for one in stages)))
    assert [(type(one), one.agent, what(one)) for one in history if hasattr(one, "agent")] == whole


def talk(log, told):
    """Take the steps, and say something in some of them."""
    for step, talks in told:
        with log.step(step):
            if talks:
                log.info(f"at {step}")


def logged(agent, told, fails):
    """What a log must have of one agent's run."""
    yield StageStarted, agent, None
    for step, talks in told:
        if talks:
            yield LogLine, agent, f"at {step}"
        yield StepEnded, agent, step
    yield StageEnded, agent, not fails


def what(event):
    names = {StageEnded: "ok", StepEnded: "step", LogLine: "message"}
    return getattr(event, names[type(event)]) if type(event) in names else None
