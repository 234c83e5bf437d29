"""Property 41: the completion time is there exactly when the run has ended, and after the start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.contracts import DeploymentStatus
from autodeploy.contracts.state import TRANSITIONS
from autodeploy.journal import DirectoryStore
from autodeploy.journal.events import LogLine, StageStarted, StatusChanged
from statekit import REST, SAID

UNDER_WAY = {"pending", "running", "rolling_back"}
NOISE = [LogLine(agent="recon", level="info", message="hello"), StageStarted(agent="recon")]
START = datetime(2026, 1, 2, tzinfo=UTC)
jumps = st.lists(st.timedeltas(timedelta(days=-9), timedelta(days=9)), min_size=1, max_size=6)


@pytest.mark.property
@given(st.data(), jumps, st.integers(0, 12))
def test_the_completion_time_is_there_exactly_when_the_run_has_ended(data, jumped, steps):
    with TemporaryDirectory() as folder:
        store, clock = DirectoryStore(Path(folder)), cycle(jumped)
        journal = store.create(**SAID, **REST)
        journal.clock = lambda: START + next(clock)
        began = ended = journal.state.created_at
        for _ in range(steps):
            ways = [StatusChanged(status=one) for one in sorted(TRANSITIONS[journal.state.status])]
            chosen = data.draw(st.sampled_from([*ways, *NOISE]))
            journal.write(chosen)
            if isinstance(chosen, StatusChanged):
                ended = store.history(journal.state.id)[-1].time
            state = store.state(journal.state.id)
            if state.status.value in UNDER_WAY:
                assert state.completed_at is None
            else:
                assert state.completed_at == ended
                assert state.completed_at >= began
            assert state.created_at == began
            assert began.utcoffset() == timedelta(0)


def test_the_statuses_are_all_told_apart():
    ended = {"completed", "failed", "cancelled", "rolled_back", "rollback_failed"}
    assert ended | UNDER_WAY == {one.value for one in DeploymentStatus}
