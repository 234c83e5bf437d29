"""Property 3: only the drawn transitions happen, in any interleaving of events."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import TransitionRefused
from autodeploy.journal.events import Created, LogLine, StageStarted, StatusChanged, stamped
from autodeploy.journal.fold import step

DRAWN = """
pending -> running
running -> completed failed cancelled
failed cancelled -> running
completed failed cancelled -> rolling_back
rolling_back -> rolled_back rollback_failed
rollback_failed -> rolling_back
"""
EDGES = {
    (before, after)
    for line in DRAWN.split("\n")
    if "->" in line
    for before in line.split("->")[0].split()
    for after in line.split("->")[1].split()
}
NOISE = [
    LogLine(agent="recon", level="info", message="hello"),
    StageStarted(agent="recon"),
]
START = Created(
    id="1",
    operation="deploy",
    application="shop",
    environment="production",
    target="lab",
    tool_version="0",
)


@pytest.mark.property
@given(st.data(), st.lists(st.sampled_from([*DeploymentStatus, *NOISE]), max_size=30))
def test_only_drawn_transitions_happen(data, wanted):
    time = data.draw(st.datetimes(timezones=st.just(UTC)))
    state = step(None, stamped(START, 1, time))
    for number, one in enumerate(wanted, 2):
        if not isinstance(one, DeploymentStatus):
            assert step(state, stamped(one, number, time)).status is state.status
            continue
        event = stamped(StatusChanged(status=one), number, time)
        if (state.status.value, one.value) in EDGES:
            state = step(state, event)
            assert state.status is one
        else:
            with pytest.raises(TransitionRefused):
                step(state, event)


@pytest.mark.property
@given(st.sampled_from(DeploymentStatus))
def test_every_state_can_be_reached_and_left_as_drawn(status):
    outgoing = {after for before, after in EDGES if before == status.value}
    assert (not outgoing) == (status is DeploymentStatus.ROLLED_BACK)
