"""How long a deployment took, as its page and the command line say it."""

from __future__ import annotations

import pytest

from autodeploy.cli import forecastpage
from autodeploy.contracts import Action, PlannedAction, comparison
from autodeploy.journal import events as e
from autodeploy.journal.fold import fold
from autodeploy.pages import overview
from forecastkit import prediction
from pagekit import at, page, status, story

VPC = PlannedAction(key="vpc", type="AWS::EC2::VPC", action=Action.CREATE, reason="")
HOST = PlannedAction(key="host-1", type="AWS::EC2::Instance", action=Action.REPLACE, reason="")
BEGUN = story(status(0, "running"), at(1, e.Foreseen(prediction=prediction("release", VPC, HOST))))
DONE = [*BEGUN, status(13, "completed")]
BACK = [*DONE, status(300, "rolling_back"), status(306, "rolled_back")]


def done(action, key, kind="AWS::EC2::VPC"):
    return at(2, e.ResourceDone(action=action, key=key, type=kind, id="i"))


def tiles(events):
    """What was foreseen beside what came of it: on the page, and in the terminal."""
    terminal = list(forecastpage.compared(fold(events)))[1]
    return page(events).compared[0].done, terminal[40:]


def test_a_rollback_is_no_part_of_what_was_foreseen():
    assert comparison(fold(BACK)).seconds == 13
    assert tiles(BACK) == ("13 s", "13.0 s")
    assert overview.run(fold(BACK), interrupted=False).took == "13 s"


def test_the_time_of_a_rollback_is_told_apart():
    shown = page(BACK)
    assert shown.lead == "deploy rolled back in 6.0 s"
    facts = {one.name: one.value for one in shown.facts}
    assert facts["Ended"] == "2026-01-01 00:00:13 UTC"
    assert facts["Rollback"] == "2026-01-01 00:05:00 UTC, took 6.0 s"


def test_a_rollback_that_goes_on_has_no_time_yet():
    shown = page(BACK[:-1])
    assert shown.lead == "deploy rolling back"
    assert {one.name: one.value for one in shown.facts}["Rollback"] == "2026-01-01 00:05:00 UTC"


def test_of_several_rollbacks_the_newest_is_told():
    again = [*BACK[:-1], status(310, "rollback_failed"), status(400, "rolling_back"),
             status(402, "rolled_back")]  # fmt: skip
    state = fold(again)
    assert (state.seconds, state.rollback_seconds) == (13, 2)


def test_what_runs_yet_is_not_taken_for_what_went_on_later():
    assert tiles(BEGUN) == ("not over yet", "not over yet")
    failed = [*BEGUN, status(5, "failed")]
    assert tiles(failed) == ("5.0 s", "5.0 s")
    again = [*failed, status(90, "running")]
    assert tiles(again) == ("not over yet", "not over yet")
    assert tiles([*again, status(99, "completed")]) == ("not in one go", "not in one go")


@pytest.mark.parametrize("end", ["", "failed", "cancelled"])
def test_what_it_has_not_come_to_is_not_otherwise(end):
    some = [*BEGUN, done("create", "vpc"), done("delete", "host-1", "AWS::EC2::Instance")]
    for events in (BEGUN, some):
        ended = [*events, status(5, end)] if end else events
        assert otherwise(ended) == []
    assert otherwise([*BEGUN, done("update", "vpc"), done("create", "more")]) == ["more", "vpc"]


def test_what_was_left_out_of_all_that_was_to_be_done_is_otherwise():
    assert otherwise([*BEGUN, done("create", "vpc"), status(5, "completed")]) == ["host-1"]
    back = [*DONE, status(300, "rolling_back"), status(306, "rolled_back")]
    assert otherwise(back) == ["host-1", "vpc"]


def test_where_nothing_was_foreseen_nothing_is_otherwise():
    assert otherwise([*story(status(0, "running")), done("create", "vpc")]) == []


def otherwise(events):
    """What was not done as foreseen: the page marks it, and the terminal names it."""
    marked = [one.key for one in page(events).resources if one.is_otherwise]
    last = [*forecastpage.compared(fold(events)), ""][-2:][0]
    named = (
        last.removeprefix("otherwise than foreseen: ").split(", ") if "otherwise" in last else []
    )
    assert named == marked
    return marked


def test_host_2_comes_before_host_10():
    keys = ["host-1", "host-2", "host-10", "vpc"]
    made = story(status(0, "running"), *(done("create", key) for key in reversed(keys)))
    assert [one.key for one in page(made).resources] == keys


@pytest.mark.parametrize(("end", "outcome"), [("cancelled", "stopped"), ("failed", "failed")])
def test_what_was_stopped_has_not_failed(end, outcome):
    ended = [at(2, e.StageStarted(agent="deployer")),
             at(4, e.StageEnded(agent="deployer", ok=False)), status(5, end)]  # fmt: skip
    (attempt,) = page([*BEGUN, *ended]).attempts
    assert attempt.lanes[0].stage.outcome == outcome
