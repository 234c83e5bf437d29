"""What CloudWatch has measured of an application's resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.contracts import Metrics, Point, Resource, Series
from autodeploy.contracts.metrics import Unit
from autodeploy.provisioner.kinds import Database, Instance, LoadBalancer
from autodeploy.provisioner.kinds.alarm import DIMENSIONS

FIVE_MINUTES = 300
"""EC2 measures no oftener without paying for it, and CloudWatch keeps this for two months."""
MOST_PERIODS = 60


@dataclass(frozen=True)
class Asked:
    """A metric of a kind's: CloudWatch's names, and ours for people."""

    name: str
    statistic: str
    metric: str
    unit: Unit


@dataclass(frozen=True)
class Kind:
    """What is measured of a kind of resource, and how CloudWatch calls both."""

    namespace: str
    dimension: str
    asked: tuple[Asked, ...]


KINDS: Mapping[str, Kind] = {
    LoadBalancer.type: Kind(
        "AWS/ApplicationELB",
        "LoadBalancer",
        (
            Asked("RequestCount", "Sum", "requests", "count"),
            Asked("HTTPCode_Target_5XX_Count", "Sum", "5xx of the application", "count"),
            Asked("HTTPCode_ELB_5XX_Count", "Sum", "5xx of its own", "count"),
            Asked("TargetResponseTime", "p50", "latency p50", "seconds"),
            Asked("TargetResponseTime", "p95", "latency p95", "seconds"),
        ),
    ),
    Instance.type: Kind(
        "AWS/EC2", "InstanceId", (Asked("CPUUtilization", "Average", "cpu", "percent"),)
    ),
    Database.type: Kind(
        "AWS/RDS",
        "DBInstanceIdentifier",
        (
            Asked("CPUUtilization", "Average", "cpu", "percent"),
            Asked("FreeStorageSpace", "Minimum", "free disk", "bytes"),
            Asked("DatabaseConnections", "Maximum", "connections", "count"),
        ),
    ),
}
"""In the order in which they are shown."""


def period(since: datetime, until: datetime) -> int:
    """The seconds of a period: whole five minutes, and few enough to be seen at once. Pure."""
    least = (until - since).total_seconds() / MOST_PERIODS
    return max(1, -int(-least // FIVE_MINUTES)) * FIVE_MINUTES


def measured(
    cloud: Cloud, resources: Iterable[Resource], since: datetime, until: datetime
) -> Metrics:
    """All that is measured of what an application has.

    Args:
        cloud: Where.
        resources: The application's.
        since: The beginning, UTC: of the period in which it is.
        until: The end, UTC.

    Raises:
        CloudError: AWS could not be asked.
    """
    seconds = period(since, until)
    since = _begin(since, seconds)
    asked = list(_asked(resources))
    queries: Any = [_query(number, *one, seconds=seconds) for number, one in enumerate(asked)]
    end = _begin(until, seconds) + timedelta(seconds=seconds)
    found = _read(cloud, queries, since, end) if queries else {}
    series = tuple(
        Series(
            of=resource.key,
            metric=one.metric,
            unit=one.unit,
            sums=one.statistic == "Sum",
            points=tuple(found.get(_name(number), ())),
        )
        for number, (resource, _kind, one) in enumerate(asked)
    )
    return Metrics(since=since, until=until, period=seconds, series=series)


def _begin(moment: datetime, seconds: int) -> datetime:
    """The beginning of the period that a moment is in: from there CloudWatch counts."""
    return datetime.fromtimestamp(moment.timestamp() // seconds * seconds, UTC)


def _asked(resources: Iterable[Resource]) -> Iterator[tuple[Resource, Kind, Asked]]:
    known = sorted(resources, key=lambda one: (len(one.key), one.key))  # host-10 after host-9
    for kind, said in KINDS.items():
        for resource in known:
            if resource.type == kind:
                yield from ((resource, said, one) for one in said.asked)


def _name(number: int) -> str:
    """CloudWatch wants a small letter first."""
    return f"m{number}"


def _query(
    number: int, resource: Resource, kind: Kind, asked: Asked, *, seconds: int
) -> dict[str, Any]:
    value = DIMENSIONS[kind.dimension](resource.id)
    metric = {
        "Namespace": kind.namespace,
        "MetricName": asked.name,
        "Dimensions": [{"Name": kind.dimension, "Value": value}],
    }
    stat = {"Metric": metric, "Period": seconds, "Stat": asked.statistic}
    return {"Id": _name(number), "MetricStat": stat, "ReturnData": True}


def _read(cloud: Cloud, queries: Any, since: datetime, until: datetime) -> dict[str, list[Point]]:
    found: dict[str, list[Point]] = {}
    pages = (
        cloud.cloudwatch()
        .get_paginator("get_metric_data")
        .paginate(
            MetricDataQueries=queries, StartTime=since, EndTime=until, ScanBy="TimestampAscending"
        )
    )
    for page in pages:
        for one in page["MetricDataResults"]:
            pairs = zip(one["Timestamps"], one["Values"], strict=True)
            found.setdefault(one["Id"], []).extend(
                Point(time=time, value=value) for time, value in pairs
            )
    return found
