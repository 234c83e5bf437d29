"""How long it takes, by what was."""

from __future__ import annotations

import pytest

from autodeploy.conductor.forecast import durations as module
from autodeploy.conductor.forecast.durations import NEWEST, History, timeline
from forecastkit import run


def test_its_own_runs_tell_where_there_are_any():
    own = [run(one, seconds=one) for one in (3, 1, 2)]
    line = timeline("release", "lab", History(application=own, machine=[run(seconds=100)]))
    assert (line.p50, line.p95) == (2, pytest.approx(2.9))
    assert line.basis == "3 runs of this application"


def test_else_this_machines():
    line = timeline("release", "lab", History(machine=[run(seconds=100)]))
    assert (line.p50, line.p95, line.basis) == (100, 100, "1 run on this machine")


def test_only_the_newest_count():
    old = [run(seconds=1000)] * NEWEST
    assert (
        timeline("release", "lab", History(application=[*old, *[run(seconds=1)] * NEWEST])).p95 == 1
    )


def test_stages_overlap_and_come_as_they_begin():
    stages = [("deployer", 2, 8), ("recon", 0, 1)]
    late = [("deployer", 4, 6), ("recon", 0, 3)]
    line = timeline("release", "lab", History(application=[run(stages=stages), run(stages=late)]))
    told = [(one.agent, one.starts_after, one.p50) for one in line.stages]
    assert told == [("recon", 0, 2), ("deployer", 3, 4)]
    assert [one.p95 for one in line.stages] == [pytest.approx(2.9), pytest.approx(5.8)]


def test_a_stage_that_has_not_ended_tells_nothing():
    state = run(stages=[("recon", 0, 1)])
    open_ended = state.stages[0].model_copy(update={"completed_at": None})
    own = [state.model_copy(update={"stages": (open_ended,)})]
    assert timeline("release", "lab", History(application=own)).stages == ()


@pytest.mark.parametrize(
    "kind", ["first deployment", "new hosts", "changed infrastructure", "release", "nothing"]
)
@pytest.mark.parametrize("rest", ["", ", 3 hosts", ", 1 host, hardened, database"])
def test_the_table_knows_every_work(kind, rest):
    line = timeline(kind + rest, "lab", History())
    assert 0 < line.p50 <= line.p95
    assert kind in line.basis
    assert {one.agent for one in line.stages} <= {
        *("conductor", "recon", "compiler", "provisioner", "deployer", "sheriff")
    }


def test_the_table_tells_what_it_is_of():
    table = module._table()
    line = timeline("release, 1 host", "aws", History())
    assert (
        line.basis
        == f"a table, of {table['of']}, {table['measured']}: release; not measured on AWS"
    )


def test_what_the_table_has_most_of_is_taken(monkeypatch):
    works = [
        {"work": one, "total": [seconds, seconds], "stages": {}}
        for one, seconds in [("release", 1), ("release, database", 2), ("release, hosts", 3)]
    ]
    table = {"of": "x", "measured": "y", "works": works}
    monkeypatch.setattr(module, "_table", lambda: table)
    assert timeline("release, 1 host, database", "lab", History()).p50 == 2
