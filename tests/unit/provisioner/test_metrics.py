"""What CloudWatch has measured, as moto tells it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import moto_api
from autodeploy.contracts import Resource
from autodeploy.provisioner import measured
from autodeploy.provisioner.metrics import FIVE_MINUTES, MOST_PERIODS, period

NOW = datetime(2026, 11, 26, 12, 2, tzinfo=UTC)
BALANCER = "arn:aws:elasticloadbalancing:eu-central-1:1:loadbalancer/app/shop/0123"
RESOURCES = (
    Resource(key="vpc", type="AWS::EC2::VPC", id="vpc-1"),
    Resource(key="host-10", type="AWS::EC2::Instance", id="i-10"),
    Resource(key="host-2", type="AWS::EC2::Instance", id="i-2"),
    Resource(key="host-1", type="AWS::EC2::Instance", id="i-1"),
    Resource(key="database", type="AWS::RDS::DBInstance", id="shop"),
    Resource(key="load-balancer", type="AWS::ElasticLoadBalancingV2::LoadBalancer", id=BALANCER),
)


@pytest.fixture
def account():
    with moto_api.api():
        yield


def put(namespace, metric, dimension, of, *values):
    """Values, the first a minute ago, the others a minute apart before that."""
    moto_api.client("cloudwatch").put_metric_data(
        Namespace=namespace,
        MetricData=[
            {
                "MetricName": metric,
                "Dimensions": [{"Name": dimension, "Value": of}],
                "Timestamp": NOW - timedelta(minutes=1 + number),
                "Value": value,
            }
            for number, value in enumerate(values)
        ],
    )


def series(resources=RESOURCES):
    found = measured(moto_api.cloud(), resources, NOW - timedelta(minutes=30), NOW)
    return {(one.of, one.metric): one for one in found.series}, found


@pytest.mark.slow
def test_each_part_has_its_series_and_those_of_others_are_not_in_them(account):
    put("AWS/EC2", "CPUUtilization", "InstanceId", "i-1", 10, 20)
    put("AWS/EC2", "CPUUtilization", "InstanceId", "i-9", 99)
    put("AWS/ApplicationELB", "RequestCount", "LoadBalancer", "app/shop/0123", 3, 4, 5)
    put("AWS/RDS", "FreeStorageSpace", "DBInstanceIdentifier", "shop", 7e9)
    found, whole = series()
    assert list(dict.fromkeys(one.of for one in whole.series)) == [
        *("load-balancer", "host-1", "host-2", "host-10", "database")
    ]
    at = NOW.replace(minute=0)
    values = {key: [one.value for one in each.points] for key, each in found.items()}
    assert values["host-1", "cpu"] == [15]
    assert found["host-1", "cpu"].points[0].time == at
    assert values["host-2", "cpu"] == []
    # Of three values a minute apart one was in the period before.
    assert values["load-balancer", "requests"] == [5, 7]
    assert found["load-balancer", "requests"].sums
    assert values["database", "free disk"] == [7e9]
    assert whole.since == datetime(2026, 11, 26, 11, 30, tzinfo=UTC)


@pytest.mark.slow
def test_where_nothing_is_nothing_is_asked(account):
    door = moto_api.cloud()
    door.calls.clear()
    assert measured(door, RESOURCES[:1], NOW - timedelta(hours=1), NOW).series == ()
    assert door.calls == []


@given(st.integers(1, 60 * 24 * 60))
def test_periods_are_whole_and_few(minutes):
    seconds = period(NOW - timedelta(minutes=minutes), NOW)
    assert seconds % FIVE_MINUTES == 0
    assert minutes * 60 / seconds <= MOST_PERIODS
    assert seconds == FIVE_MINUTES or minutes * 60 / (seconds - FIVE_MINUTES) > MOST_PERIODS
