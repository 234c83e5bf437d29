"""`autodeploy releases`: when each one came."""

from __future__ import annotations

from datetime import UTC, datetime

from autodeploy.cli.releases import _data, _row
from autodeploy.conductor.releases import Release, Standing
from forecastkit import run
from statekit import running

THEN = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)


def test_one_that_was_rolled_back_came_when_it_completed():
    undone = run(seconds=300, worked_until=THEN, back_since=THEN)
    one = Release(2, undone, running(), Standing.UNDONE, ())
    assert _row(one)[3] == "2026-11-27 14:30"
    assert _data(one)["completed_at"] == THEN
