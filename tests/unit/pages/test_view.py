"""What the page of a deployment shows."""

from __future__ import annotations

import itertools
import re

import pytest

from autodeploy import pages
from autodeploy.contracts import Cost, Host, Resource, Timeline, costwords
from autodeploy.journal import events as e
from autodeploy.journal.fold import fold
from autodeploy.pages import log, timeline
from autodeploy.pages.duration import duration
from autodeploy.pages.view import link
from forecastkit import prediction, run
from pagekit import FAILED, START, at, page, status, step


def test_a_step_lies_where_it_ran():
    (attempt,) = page(FAILED).attempts
    (lane,) = attempt.lanes
    assert (lane.stage.start, lane.stage.seconds, lane.stage.outcome) == (1, 5, "failed")
    (one,) = lane.steps
    assert (one.start, one.seconds, one.host) == (2, 2, "host-1")


def test_each_attempt_has_a_chart_of_its_own():
    again = [*FAILED, status(90, "running"), at(95, step(seconds=3)), status(96, "failed"),
             status(200, "rolling_back")]  # fmt: skip
    told = [(one.title, one.seconds, one.outcome) for one in page(again).attempts]
    assert told == [("deploy", 6, "failed"), ("retry", 6, "failed"), ("rollback", 0, "running")]


def test_what_runs_still_is_no_failure():
    (attempt,) = page(FAILED[:4]).attempts
    assert attempt.outcome == attempt.lanes[0].stage.outcome == "running"


@pytest.mark.parametrize("seconds", [0, 0.03, 1, 6, 59, 61, 3599, 1e5, 1e7])
def test_an_axis_is_even_and_holds_all(seconds):
    ticks = timeline.axis(seconds)
    assert 2 <= len(ticks) <= 7
    assert ticks[-1] >= seconds
    assert len({round(b - a, 6) for a, b in itertools.pairwise(ticks)}) == 1


def test_a_log_that_is_too_long_keeps_its_ends():
    lines = [at(1, e.LogLine(agent="a", level="info", message=f"{n} " + "x" * 999))
             for n in range(10_000)]  # fmt: skip
    shown, left_out = log.rows(fold(FAILED), lines)
    assert len(shown) + left_out == 10_000
    assert shown[0].text.startswith("0 ")
    assert shown[-1].text.startswith("9999 ")
    assert len(pages.html(page([*FAILED[:2], *lines]))) < 3_000_000


def test_a_line_of_ten_megabytes_is_cut():
    line = at(1, e.LogLine(agent="a", level="info", message="x" * 10_000_000))
    assert "9996000 more characters" in pages.html(page([*FAILED[:2], line]))


def foreseen(p95, cost=None):
    """The page of a deployment that took a second, as half of the runs before it."""
    line = Timeline(p50=1, p95=p95, stages=(), basis="a table")
    made = prediction("release")
    forecast = made.forecast.model_copy(update={"timeline": line})
    said = made.model_copy(update={"forecast": forecast, "cost": cost})
    return pages.view(run(seconds=1, foreseen=said), [], (), START)


def test_of_a_single_run_no_spread_is_said():
    assert [foreseen(p95).compared[0].foreseen for p95 in (1, 2)] == [
        "about 1.0 s",
        "1.0 s, in 19 of 20 runs below 2.0 s",
    ]


def test_a_bill_has_the_notes_that_the_terminal_has():
    cost = Cost(region="eu-west-1", date=None, sources=(), usage={"lcu": 0.1}, resources=(),
                monthly=None, hourly=None, unknown=("database",))  # fmt: skip
    bill = foreseen(2, cost).bill
    assert bill
    assert bill.total == "not known"
    words = [one.replace("`", "").casefold() + "." for one in costwords.notes(cost)]
    assert [one.casefold() for one in bill.notes[-3:]] == words
    assert bill.notes[-1] == "No prices are known in eu-west-1: autodeploy prices refresh."


def test_boxes_lie_beside_each_other_from_users_to_data():
    kinds = {"lb": "ElasticLoadBalancingV2::LoadBalancer", "db": "RDS::DBInstance"}
    kinds |= {f"host-{n}": "EC2::Instance" for n in range(12)}
    there = tuple(Resource(key=key, type=f"AWS::{one}", id=key) for key, one in kinds.items())
    drawn = pages.view(fold(FAILED).model_copy(update={"resources": there}), [], (), START).diagram
    assert drawn
    assert len(drawn.nodes) == 1 + 1 + 9 + 1
    for one in drawn.nodes:
        assert one.x >= 0
        assert one.x + one.width <= drawn.width
        assert one.y + one.height <= drawn.height
        others = [other for other in drawn.nodes if other is not one and other.y == one.y]
        assert all(o.x >= one.x + one.width or o.x + o.width <= one.x for o in others)
    assert drawn.text.startswith("users reach lb")


def holds(frame, one):
    return (frame.x <= one.x and one.x + one.width <= frame.x + frame.width
            and frame.y < one.y and one.y + one.height < frame.y + frame.height)  # fmt: skip


@pytest.mark.parametrize("target", ["lab", "ssh"])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 12])
def test_lines_lead_to_every_host_and_on_from_it_through_no_other_box(count, target):
    kinds = {"lb": "ElasticLoadBalancingV2::LoadBalancer", "db": "RDS::DBInstance"}
    kinds |= {f"host-{n}": "EC2::Instance" for n in range(1, count + 1)}
    there = tuple(Resource(key=key, type=f"AWS::{one}", id=key) for key, one in kinds.items())
    hosts = tuple(Host(name=f"host-{n}", address="a", host_key="k") for n in range(1, count + 1))
    told = {"resources": there if target == "lab" else (), "hosts": hosts, "target": target}
    drawn = pages.view(fold(FAILED).model_copy(update=told), [], (), START).diagram
    assert drawn
    boxes = [one for one in drawn.nodes if one.kind == "host"]
    names = [f"host-{n}" for n in range(1, min(count, 9) + 1)]
    assert [one.label for one in boxes][:8] == names[:8]
    begins, ends = zip(*drawn.edges, strict=True)
    for some in (ends, begins) if target == "lab" else (ends,):
        assert boxes == [one for one in boxes if any(end is one or holds(end, one) for end in some)]
    for above, below in drawn.edges:
        between = range(above.y + above.height, below.y)
        assert between
        assert [one for one in drawn.nodes if one.y in between] == []


def test_hosts_that_exist_are_drawn_too():
    host = Host(name="host-1", address="192.0.2.7", host_key="k")
    state = fold(FAILED).model_copy(update={"hosts": (host,), "target": "ssh"})
    drawn = pages.view(state, [], (), START).diagram
    assert drawn
    assert [one.label for one in drawn.areas] == ["hosts that exist"]


def test_what_went_wrong_and_the_way_on_stand_on_the_page():
    text = pages.html(page(FAILED, ["autodeploy retry d1"]))
    for said in ("no answer", "KeyError: &#39;X&#39;", "Read it.", "autodeploy retry d1"):
        assert said in text


def test_the_page_needs_nothing_else():
    text = pages.html(page(FAILED))
    assert not re.search(r"(?:src|href)=\"(?!#|data:)", text)
    assert "url(" not in text
    assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text


@pytest.mark.parametrize(
    ("address", "is_one"),
    [("https://a.example/", True), ("http://10.0.0.1/", True), ("javascript:alert(1)", False),
     ("tcp://a:1", False), ("git@host:path", False), ("https://[", False), ("data:x", False)],
)  # fmt: skip
def test_only_addresses_of_the_web_are_links(address, is_one):
    assert link(address) == (address if is_one else None)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (32.6, "33 s"), (245, "4 min 05 s"), (3780, "1 h 03 min")],
)
def test_seconds_for_people(seconds, said):
    assert duration(seconds) == said
