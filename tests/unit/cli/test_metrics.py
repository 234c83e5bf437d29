"""`metrics`: the table, the line of blocks, and where the values are from."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import moto_api
import storykit
from autodeploy.cli import applications, wiring
from autodeploy.cli.main import autodeploy
from autodeploy.cli.metrics import BLOCKS, GAP, sparkline
from autodeploy.contracts import Host, Metrics, Point, Series
from autodeploy.errors import HostUnreachable, UsageError

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
LINES = (
    "cpu  100 0 100 700 100 0 0 0 50 0",
    "cpu  130 0 110 740 120 0 0 0 60 0",
    "0.52 0.40 0.30 1/200 4242",
    "MemTotal:        4000000 kB",
    "MemAvailable:    1000000 kB",
    "/dev/root        20000000 5000000 14000000      27% /",
)


@pytest.fixture
def world(tmp_path, monkeypatch):
    with storykit.world(tmp_path) as one:
        monkeypatch.setattr(applications, "store", lambda: one.store)
        monkeypatch.setattr(wiring, "environment", lambda _settings: one.environment)
        yield one


def run(*words):
    return CliRunner().invoke(
        autodeploy, ["metrics", "shop", *words], catch_exceptions=False, standalone_mode=False
    )


def drawn(values, periods):
    """The line for values by the number of their period."""
    series = Series(
        of="host-1",
        metric="cpu",
        unit="percent",
        points=tuple(
            Point(time=NOW + timedelta(seconds=300 * place), value=value)
            for place, value in sorted(values.items())
        ),
    )
    until = NOW + timedelta(seconds=300 * periods - 1)
    return sparkline(series, Metrics(since=NOW, until=until, period=300, series=(series,)))


def test_a_line_shows_gaps_and_the_highest():
    assert drawn({0: 0, 1: 7, 3: 3.5, 4: 1}, 6) == "▁█·▅▂·"
    assert drawn({}, 3) == GAP * 3
    assert drawn({1: 0}, 2) == f"{GAP}▁"


@given(st.dictionaries(st.integers(0, 59), st.floats(0, 1e12), max_size=60), st.integers(60, 70))
def test_a_line_has_a_block_for_each_period(values, periods):
    line = drawn(values, periods)
    assert len(line) == periods
    assert {place for place, one in enumerate(line) if one != GAP} == values.keys()
    for place, value in values.items():
        for other, another in values.items():
            if value <= another:
                assert BLOCKS.index(line[place]) <= BLOCKS.index(line[other])


@pytest.mark.slow
def test_what_cloudwatch_has_is_shown(world):
    world.deploy(hosts=2)
    ids = {one.key: one.id for one in world.known.resources}
    moto_api.client("cloudwatch").put_metric_data(
        Namespace="AWS/EC2",
        MetricData=[
            {
                "MetricName": "CPUUtilization",
                "Dimensions": [{"Name": "InstanceId", "Value": ids["host-2"]}],
                "Value": 12.5,
            }
        ],
    )
    done = run()
    assert done.return_value == 0
    (row,) = (line.split() for line in done.stdout.splitlines() if "host-2" in line)
    assert row[:2] == ["host-2", "cpu"]
    assert row[3:] == ["12.5", "%", "12.5", "%"]
    assert "latency p95" in done.stdout
    said = json.loads(run("--json", "--since", "2h").stdout)
    assert said["period"] == 300
    assert [len(one["points"]) for one in said["series"] if one["of"] == "host-2"] == [1]


@pytest.mark.slow
@pytest.mark.parametrize("since", ["yesterday", "61d", "0m", "2999-01-01"])
def test_a_beginning_that_is_none_is_refused(world, since):
    world.deploy()
    with pytest.raises(UsageError, match="--since"):
        run("--since", since)


@pytest.mark.slow
def test_hosts_that_exist_are_asked_and_those_that_do_not_answer_are_named(world, monkeypatch):
    world.deploy()
    hosts = tuple(
        Host(name=f"host-{one}", address=f"192.0.2.{one}", host_key="ssh-ed25519 AAAA")
        for one in (1, 2)
    )
    there = world.known.model_copy(update={"target": "ssh", "hosts": hosts})
    monkeypatch.setattr(applications, "find", lambda *_: there)

    @contextmanager
    def stream(host, *_):
        if host.name == "host-2":
            raise HostUnreachable("the connection to host-2 ended", host="host-2")
        yield iter(LINES)

    # The package has a function of the module's name.
    monkeypatch.setattr(sys.modules["autodeploy.conductor.metrics"], "stream", stream)
    done = run()
    assert done.return_value == 1
    assert "memory used" in done.stdout
    assert "75.0 %" in done.stdout
    assert "host-2 ended" in done.stderr
    said = json.loads(run("--json").stdout)
    assert {one["of"] for one in said["series"]} == {"host-1"}
