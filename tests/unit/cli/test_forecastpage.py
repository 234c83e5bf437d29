"""What a deployment would take, and what came of it, as people read it."""

from __future__ import annotations

from autodeploy.cli import forecastpage, output
from autodeploy.contracts import (
    Action,
    Forecast,
    Outage,
    Permissions,
    PlannedAction,
    StageForecast,
    Timeline,
)
from forecastkit import prediction, run

FORECAST = Forecast(
    work="release, 1 host",
    timeline=Timeline(
        p50=10.6,
        p95=12.4,
        stages=(StageForecast(agent="deployer", starts_after=2.2, p50=8.4, p95=9.1),),
        basis="3 runs of this application",
    ),
    downtime=Outage(seconds=None, reason="a fixed port"),
    permissions=Permissions(reads=("ec2:DescribeVpcs",), writes=("ec2:A", "ec2:B", "rds:C")),
    undo=("release r1 serves again", "what is done to vpc stays"),
)


def test_each_part_is_a_line():
    assert list(forecastpage.lines(FORECAST)) == [
        "\nwork: release, 1 host",
        "time: 11 s, in 19 of 20 runs below 12 s; by 3 runs of this application",
        "  deployer     from 2 s on       8.4 s, below 9.1 s",
        "downtime: some: a fixed port",
        "IAM: 3 that change something, and 1 that read: --json lists them",
        "  ec2  A, B",
        "  rds  C",
        "rollback: release r1 serves again; what is done to vpc stays",
    ]


def test_every_action_that_changes_something_is_shown_in_its_column():
    ec2 = [f"ec2:AuthorizeSomething{number}" for number in range(30)]
    writes = (*ec2, "elasticloadbalancing:CreateRule", "rds:C")
    more = {"permissions": Permissions(reads=(), writes=writes)}
    said = list(forecastpage.lines(FORECAST.model_copy(update=more)))
    shown = said[said.index("IAM: 32 that change something") + 1 : -1]
    assert " ".join(shown).replace(",", " ").split() == [
        *("ec2", *(one.removeprefix("ec2:") for one in ec2)),
        *("elasticloadbalancing", "CreateRule", "rds", "C"),
    ]
    assert {line[:22].strip() for line in shown} == {"ec2", "", "elasticloadbalancing", "rds"}
    assert all(line[22:24] == "  " and line[24] != " " for line in shown)
    assert max(map(len, shown)) <= forecastpage.WIDTH


def test_of_a_single_run_no_spread_is_said():
    stage = StageForecast(agent="deployer", starts_after=2.2, p50=8.4, p95=8.4)
    one = Timeline(p50=32.6, p95=32.6, stages=(stage,), basis="a table")
    said = list(forecastpage.lines(FORECAST.model_copy(update={"timeline": one})))
    assert said[1:3] == [
        "time: about 33 s; by a table",
        "  deployer     from 2 s on       8.4 s",
    ]


def test_a_spread_that_is_rounded_away_is_none():
    stage = StageForecast(agent="deployer", starts_after=2.2, p50=8.41, p95=8.44)
    two = Timeline(p50=3.9, p95=4.2, stages=(stage,), basis="2 runs")
    said = list(forecastpage.lines(FORECAST.model_copy(update={"timeline": two})))
    assert said[1:3] == ["time: about 4 s; by 2 runs", "  deployer     from 2 s on       8.4 s"]


def test_downtime_that_is_known_is_a_number():
    assert forecastpage.downtime(Outage(seconds=120, reason="why")) == "120 s: why"
    assert forecastpage.downtime(Outage(seconds=0, reason="why")) == "none: why"


def test_the_document_has_all_of_it():
    said = forecastpage.data(FORECAST)
    assert said["seconds"] == {"p50": 10.6, "p95": 12.4, "basis": "3 runs of this application"}
    assert said["timeline"][0]["agent"] == "deployer"
    assert said["downtime"] == {"seconds": None, "reason": "a fixed port"}
    assert said["rollback"] == list(FORECAST.undo)


def state(**more):
    planned = PlannedAction(key="vpc", type="T", action=Action.CREATE, reason="")
    given = {"foreseen": prediction("release", planned), "done": {"vpc": Action.CREATE}, **more}
    return run(seconds=3, **given)


def test_what_was_foreseen_stands_beside_what_came_of_it():
    assert list(forecastpage.compared(state())) == [
        "           foreseen                     done",
        "time       1.0 s (below 2.0 s)          3.0 s",
        "resources  1 created                    1 created",
    ]
    other = list(forecastpage.compared(state(done={"vpc": Action.NONE}, resumed=True)))
    assert other[1].endswith("not in one go")
    assert other[-1] == "otherwise than foreseen: vpc"
    assert list(forecastpage.compared(run())) == []


def test_the_document_of_a_deployment_has_both():
    assert output.deployment_data(run())["forecast"] is None
    said = output.deployment_data(state())["forecast"]
    assert said["foreseen"] == {"summary": {"create": 1}, "p50": 1, "p95": 2, "monthly_cost": None}
    assert said["done"] == {"summary": {"create": 1}, "seconds": 3}
