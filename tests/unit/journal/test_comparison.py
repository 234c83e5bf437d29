"""What was foreseen beside what came of it."""

from __future__ import annotations

from autodeploy.contracts import Action, PlannedAction, comparison
from forecastkit import prediction, run


def foreseen(**actions):
    some = [PlannedAction(key=key, type="T", action=one, reason="") for key, one in actions.items()]
    return prediction("release", *some)


def test_both_sides():
    state = run(
        seconds=7,
        foreseen=foreseen(vpc=Action.CREATE, host=Action.NONE, gone=Action.DELETE),
        done={"vpc": Action.CREATE, "host": Action.UPDATE, "more": Action.CREATE},
    )
    found = comparison(state)
    assert found.foreseen == {Action.CREATE: 1, Action.NONE: 1, Action.DELETE: 1}
    assert found.done == {Action.CREATE: 2, Action.UPDATE: 1}
    assert found.otherwise == ("gone", "host", "more")
    assert (found.p50, found.p95, found.seconds) == (1, 2, 7)


def test_times_of_two_runs_are_not_ones():
    assert comparison(run(foreseen=foreseen(), resumed=True)).seconds is None


def test_nothing_foreseen_nothing_to_compare():
    assert comparison(run()) is None
