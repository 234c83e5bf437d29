"""Alarms of an application in the lab: made with it, following its hosts, gone with it."""

from __future__ import annotations

import shutil

import pytest

from autodeploy.lab import admin
from labkit import api
from roadkit import ROOT, autodeploy, deploy, get

pytestmark = pytest.mark.lab
NAME, OPS = "alarmed", "ops@example.com"


@pytest.fixture
def app(lab, tmp_path):
    folder = tmp_path / NAME
    shutil.copytree(ROOT / "examples/go-hello", folder)
    yield folder
    autodeploy("destroy", NAME, "--yes")


def watched(lab):
    """What each alarm looks at, by the end of its name."""
    found = api(lab, "cloudwatch").describe_alarms()["MetricAlarms"]
    return {
        one["AlarmName"].rpartition("/alarm-")[2]: {each["Value"] for each in one["Dimensions"]}
        for one in found
    }


def measured(metric, of):
    """The values of one series, as the command tells them."""
    found = autodeploy("metrics", NAME, "--since", "30m")
    (series,) = (one for one in found["series"] if (one["of"], one["metric"]) == (of, metric))
    return [one["value"] for one in series["points"]]


def test_alarms_come_follow_the_hosts_and_go(lab, app):
    before = admin.snapshot()
    two = deploy(app, "--hosts", 2, "--alarms", OPS)
    hosts = {one["name"]: one["instance_id"] for one in two["hosts"]}
    there = watched(lab)
    assert {name: {id_} for name, id_ in hosts.items()}.items() <= there.items()
    assert there.keys() - hosts.keys() == {
        *("application-errors", "balancer-errors", "latency", "unhealthy-hosts")
    }
    said = [one for one in autodeploy("drift", NAME)["differences"] if "mail" in str(one)]
    assert [one["what"] for one in said] == ["alarm-recipients"]

    (mail,) = admin.mail()
    assert mail["to"] == OPS
    api(lab, "sns").confirm_subscription(TopicArn=mail["topic"], Token=mail["token"])
    assert autodeploy("drift", NAME)["differences"] == []

    before_asking = sum(measured("requests", "load-balancer"))
    for _ in range(7):
        assert get(two["url"])[0] == 200
    assert sum(measured("requests", "load-balancer")) == before_asking + 7
    assert sum(measured("5xx of its own", "load-balancer")) >= 0
    assert all(0 < value <= 100 for value in measured("cpu", "host-1"))

    three = deploy(app, "--hosts", 3)
    assert three["release"] == two["release"]
    hosts = {one["name"]: {one["instance_id"]} for one in three["hosts"]}
    assert hosts.items() <= watched(lab).items()

    one = deploy(app, "--hosts", 1)
    assert watched(lab) == {"host-1": hosts["host-1"]}
    assert "AWS::SNS::Topic" in {each["type"] for each in one["resources"]}
    assert deploy(app)["changed"] is False

    autodeploy("destroy", NAME, "--yes")
    assert admin.snapshot() == before


def test_hosts_that_exist_have_none(app):
    where = ("--target", "ssh", "--host", "admin@192.0.2.1", "--alarms", OPS)
    refused = autodeploy("deploy", app, *where, code=2)
    assert "alarms" in refused["error"]["cause"]
    assert "CloudWatch" in refused["error"]["cause"]
