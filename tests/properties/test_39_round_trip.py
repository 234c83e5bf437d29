"""Property 39: the state round-trips through its file."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.contracts import DeploymentState
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
