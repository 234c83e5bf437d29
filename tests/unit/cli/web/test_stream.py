"""A log that goes on while it is read: each line once, in order, and an end."""

from __future__ import annotations

import json

import pytest

import uikit
from autodeploy.cli.web import addresses, stream
from autodeploy.contracts import DeploymentStatus
from autodeploy.journal import DirectoryStore
from autodeploy.journal import events as e
from labkit import until

OVER = ("", "over", {})


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(stream, "EVERY_SECONDS", 0.02)


@pytest.fixture
def store(home):
    return DirectoryStore(home)


def place(journal):
    return f"/deployments/{journal.state.id}/events"


def told(answer):
    """The (id, event, data) of each event, as they come."""
    one = {"id": ""}
    for line in answer:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name:
            one[name] = value
        else:
            yield one["id"], one["event"], json.loads(one["data"])
            one = {"id": ""}


def lines(events):
    """The log's lines, each with the number of what brought it."""
    for number, name, data in events:
        if name == "progress":
            yield from ((int(number), one["text"]) for one in data["log"])


def complete(journal):
    journal.write(e.StageEnded(agent="deployer", ok=True))
    journal.write(e.StatusChanged(status=DeploymentStatus.COMPLETED))


def test_it_grows_while_it_is_read_and_ends_with_the_run(store):
    with uikit.served() as access, uikit.worked_on(store) as journal:
        with uikit.asked(access, place(journal)) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            events = told(answer)
            _, _, first = next(events)
            assert first["says"] == "deployer at work"
            assert [one["status"] for one in first["stages"]] == ["running"]
            new = lines(events)
            for number in range(3):
                uikit.said(journal, f"line {number}")
                assert next(new) == (4 + number, f"line {number}")
            complete(journal)
            *rest, end = events
        assert [text for _, text in lines(rest)] == ["ends well", "the deployment is completed"]
        assert rest[-1][2]["stages"][0]["status"] == "completed"
        assert end == OVER


def test_who_comes_back_misses_nothing_and_hears_nothing_twice(store):
    with uikit.served() as access, uikit.worked_on(store) as journal:
        for number in range(3):
            uikit.said(journal, f"line {number}")
        complete(journal)
        for asked, headers in ((f"{place(journal)}?after=5", {}),
                               (f"{place(journal)}?after=1", {"last-event-id": "5"})):  # fmt: skip
            with uikit.asked(access, asked, **headers) as answer:
                found = [text for _, text in lines(told(answer))]
            assert found == ["line 2", "ends well", "the deployment is completed"]


def test_it_ends_where_the_process_is_gone(store):
    with uikit.served() as access:
        with uikit.worked_on(store) as journal:
            where = place(journal)
        with uikit.asked(access, where) as answer:
            assert list(told(answer))[-1] == OVER


def test_it_ends_where_the_log_cannot_be_read_any_more(store):
    with (
        uikit.served() as access,
        uikit.worked_on(store) as journal,
        uikit.asked(access, place(journal)) as answer,
    ):
        events = told(answer)
        next(events)
        with store.log(journal.state.id).path.open("a") as file:
            file.write("nonsense\n")
        assert list(events)[-1] == OVER


def test_only_so_many_are_open_and_one_that_is_left_makes_room(store, monkeypatch):
    monkeypatch.setattr(addresses, "MOST_STREAMS", 1)
    with uikit.served() as access, uikit.worked_on(store) as journal:

        def status():
            with uikit.asked(access, place(journal)) as answer:
                return answer.status

        with uikit.asked(access, place(journal)) as answer:
            next(told(answer))
            assert status() == 503
        until(lambda: status() == 200)


@pytest.mark.parametrize(
    ("said", "number"),
    [("7", 7), ("", 0), ("-1", 0), ("x", 0), ("1e9", 0), ("٣", 0), ("9" * 5000, 0), ("1\n", 0)],
)
def test_a_number_is_one_or_none(said, number):
    assert stream.number(said) == number


def test_what_is_slow_to_read_is_read_less_often():
    assert [stream.pause(took) for took in (0.0, 0.001, 0.5)] == [0.02, 0.02, 4.5]
