"""What a page is told of a deployment that goes on."""

from __future__ import annotations

from datetime import timedelta

from autodeploy import pages
from autodeploy.journal import events as e
from autodeploy.journal.fold import fold
from autodeploy.pages.duration import duration
from forecastkit import prediction
from pagekit import START, at, status, step, story


def numbered(events):
    return [one.model_copy(update={"seq": number}) for number, one in enumerate(events, 1)]


def live(events, after, seconds):
    events = numbered(events)
    return pages.live(fold(events), events, after, START + timedelta(seconds=seconds))


RUNS = story(
    status(0, "running"),
    at(1, e.StageStarted(agent="conductor")),
    at(1, e.StageStarted(agent="recon")),
    at(3, e.StageEnded(agent="recon", ok=True)),
    at(3, e.StageStarted(agent="compiler")),
    at(4, e.StageStarted(agent="provisioner")),
    at(5, step()),
)


def test_it_tells_who_works_and_for_how_long():
    told = live(RUNS, 0, 10)
    assert (told.seq, told.says, told.elapsed) == (8, "compiler, provisioner at work", "10 s")
    assert [(one.name, one.status, one.took) for one in told.stages] == [
        ("recon", "completed", "2.0 s"),
        ("compiler", "running", "7.0 s"),
        ("provisioner", "running", "6.0 s"),
    ]


def test_it_tells_how_long_it_was_to_take_where_that_holds():
    foreseen = at(2, e.Foreseen(prediction=prediction("first")))
    p50 = duration(foreseen.prediction.forecast.timeline.p50)
    assert live([*RUNS, foreseen], 0, 10).elapsed == f"10 s of about {p50}"
    again = [*RUNS, foreseen, status(6, "failed"), status(60, "running")]
    assert live(again, 0, 70).elapsed == "10 s"


def test_only_what_is_new_is_told():
    assert [one.text for one in live(RUNS, 7, 10).log] == ["changed: install (2.0 s)"]
    assert live(RUNS, 8, 10).log == ()
    assert len(live(RUNS, 0, 10).log) > 4


def test_a_retry_begins_anew_and_an_end_stops_the_clock():
    again = [
        *RUNS,
        status(6, "failed"),
        status(60, "running"),
        at(61, e.StageStarted(agent="sheriff")),
    ]
    told = live(again, 0, 70)
    assert told.elapsed == "10 s"
    assert [one.name for one in told.stages] == ["sheriff"]
    assert live([*again, status(65, "completed")], 0, 99).elapsed == "5.0 s"
