"""How long a deployment took, as its page and the command line say it."""

from __future__ import annotations

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
