"""Property 42: logs are in order, whatever threads and clocks do, in a folder and in a bucket."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

import memorykit
from autodeploy.contracts import DeploymentStatus
from autodeploy.journal import DirectoryStore, fold
from autodeploy.journal.events import LogLine, ResourceIntended, StatusChanged, StepEnded
from statekit import REST, SAID

START = datetime(2026, 1, 2, tzinfo=UTC)
jumps = st.lists(st.timedeltas(timedelta(days=-9), timedelta(days=9)), min_size=1, max_size=6)
kinds = st.sampled_from(["log", "step", "intent"])
threads = st.lists(st.lists(kinds, max_size=6), min_size=1, max_size=4)


def event(kind, agent, number):
    if kind == "log":
        return LogLine(agent=agent, level="info", message=str(number))
    if kind == "step":
        return StepEnded(agent=agent, step=str(number), seconds=0, outcome="ok")
    return ResourceIntended(action="create", key=str(number), type=agent)


def place(one):
    """Whose event it is, and which of its own."""
    if isinstance(one, LogLine):
        return one.agent, one.message
    return (one.agent, one.step) if isinstance(one, StepEnded) else (one.type, one.key)


@pytest.mark.property
@given(threads, jumps, st.sampled_from(["folder", "bucket"]))
def test_logs_are_in_order(wanted, jumped, kind):
    with TemporaryDirectory() as folder:
        bucket = memorykit.MemoryBucket()

        def machine(name):
            root = Path(folder) / name
            return memorykit.store(root, bucket) if kind == "bucket" else DirectoryStore(root)

        journal = machine("one").create(**SAID, **REST)
        clock = cycle(jumped)
        journal.clock = lambda: START + next(clock)

        def write(agent, events):
            for number, one in enumerate(events):
                journal.write(event(one, agent, number))

        writers = [
            threading.Thread(target=write, args=(f"agent-{number}", events))
            for number, events in enumerate(wanted)
        ]
        for one in writers:
            one.start()
        for one in writers:
            one.join()
        journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
        history = machine("two" if kind == "bucket" else "one").history(journal.state.id)
        assert [one.seq for one in history] == list(range(1, len(history) + 1))
        times = [one.time for one in history]
        assert times == sorted(times)
        for number, events in enumerate(wanted):
            own = [place(one) for one in history[1:-1] if place(one)[0] == f"agent-{number}"]
            assert own == [(f"agent-{number}", str(nth)) for nth in range(len(events))]
        assert len(history) == 2 + sum(len(events) for events in wanted)
        assert fold(history) == journal.state
