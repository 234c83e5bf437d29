"""Properties 39 and 42: the state round-trips through its file; logs are in order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.contracts import DeploymentState
from autodeploy.journal import events as e
from autodeploy.journal import fold
from eventkit import begin, events


@pytest.mark.property
@given(st.lists(events, max_size=8))
def test_the_log_gives_back_the_state(written):
    with TemporaryDirectory() as folder:
        store, journal = begin(Path(folder))
        for event in written:
            journal.write(event)
        state = store.state(journal.state.id)
        assert state == journal.state
        assert DeploymentState.model_validate_json(state.model_dump_json()) == state


@pytest.mark.property
@given(st.lists(st.timedeltas(timedelta(days=-9), timedelta(days=9)), min_size=1, max_size=6))
def test_the_log_is_in_order_whatever_the_clock_does(jumps):
    with TemporaryDirectory() as folder:
        store, journal = begin(Path(folder))
        for jump in jumps:
            journal.clock = lambda jump=jump: datetime.now(UTC) + jump
            journal.write(e.LogLine(agent="recon", level="info", message="tick"))
        history = store.history(journal.state.id)
        assert [event.seq for event in history] == list(range(1, len(history) + 1))
        times = [event.time for event in history]
        assert times == sorted(times)
        assert fold(history) == journal.state
