"""What sends a mail when a measured value is not as it should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site, Step
from autodeploy.provisioner.kinds.topic import TOPIC
from autodeploy.provisioner.owner import Owner, tags_of

STATISTICS = frozenset({"Average", "Maximum", "Minimum", "SampleCount", "Sum"})
"""Every other one is a percentile."""
DIMENSIONS: Mapping[str, Callable[[str], str]] = {
    "InstanceId": lambda id_: id_,
    "DBInstanceIdentifier": lambda id_: id_,
    "LoadBalancer": lambda arn: arn.partition(":loadbalancer/")[2],
    "TargetGroup": lambda arn: arn.rpartition(":")[2],
}
"""How CloudWatch calls what has an identifier, by the dimension."""


@dataclass(frozen=True)
class Measured:
    """What an alarm looks at.

    Attributes:
        namespace: CloudWatch's name of the service: `AWS/EC2`.
        metric: Its name of the metric.
        statistic: What is made of a period's values: `Maximum`, `p95`.
        of: Logical names by dimension, such as `InstanceId`.
    """

    namespace: str
    metric: str
    statistic: str
    of: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Alarm(Desired):
    """An alarm that tells the topic when it goes off, and when that is over.

    Attributes:
        measured: What it looks at.
        comparison: How the value compares to the threshold when all is not well.
        threshold: In the metric's unit.
        seconds: How long a period is.
        periods: For how many periods in a row it must be so.
        tells_silence: Whether the topic hears it too when nothing is measured any more; else
            nothing measured is as good as all well.
        description: What it means and what to do, for who gets the mail.
    """

    type = "AWS::CloudWatch::Alarm"
    id_field = "AlarmName"
    wave = 1
    measured: Measured
    comparison: str
    threshold: float
    seconds: int
    periods: int
    tells_silence: bool
    description: str

    @classmethod
    def key_of(cls, record: Mapping[str, Any]) -> str:
        """See Desired. Descriptions have no tags; the name ends with it."""
        return str(record["AlarmName"]).rpartition("/")[2]

    @classmethod
    def describe(cls, look: Look) -> Iterator[Mapping[str, Any]]:
        """See Desired."""
        if look.ever_had(TOPIC):
            pages = look.cloud.cloudwatch().get_paginator("describe_alarms")
            for page in pages.paginate(AlarmNamePrefix=_prefix(look.owner)):
                yield from page["MetricAlarms"]

    @classmethod
    def belongs(cls, look: Look, record: Mapping[str, Any]) -> bool:
        """See Desired. What tells our topic is ours by its name; else its tags are asked for."""
        if look.ids.get(TOPIC) in record["AlarmActions"]:
            return True
        cloudwatch, arn = look.cloud.cloudwatch(), record["AlarmArn"]
        return look.owner.owns(tags_of(cloudwatch.list_tags_for_resource(ResourceARN=arn)))

    @property
    def needs(self) -> tuple[str, ...]:
        """See Desired."""
        return (TOPIC, *(key for _dimension, key in self.measured.of))

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired."""
        intend()
        self._put(site)
        name = alarm_name(site.owner, self.key)
        return self.found({**self._wanted(site.ids), self.id_field: name})

    def lacks(self, found: Found, ids: Mapping[str, str]) -> list[Step]:
        """See Desired. What an alarm has it is told all at once, also what changes nothing."""
        wanted = self._wanted(ids)
        others = [name for name, value in wanted.items() if _said(found.record, name) != value]
        return [Step(f"has another {' and '.join(others)}", self._put)] if others else []

    def _put(self, site: Site) -> None:
        """Make it, or make it what it should be: an alarm that exists keeps its tags."""
        site.cloud.cloudwatch().put_metric_alarm(
            AlarmName=alarm_name(site.owner, self.key),
            Tags=site.owner.tags(self.key),  # type: ignore[arg-type]
            **self._wanted(site.ids),
        )

    def _wanted(self, ids: Mapping[str, str]) -> dict[str, Any]:
        """PutMetricAlarm's parameters but for its name and tags."""
        measured, told = self.measured, [ids.get(TOPIC, "")]
        is_plain = measured.statistic in STATISTICS
        few_values = {} if is_plain else {"EvaluateLowSampleCountPercentile": "ignore"}
        return {
            "Namespace": measured.namespace,
            "MetricName": measured.metric,
            "Dimensions": _dimensions(measured.of, ids),
            "Statistic" if is_plain else "ExtendedStatistic": measured.statistic,
            "Period": self.seconds,
            "EvaluationPeriods": self.periods,
            "Threshold": self.threshold,
            "ComparisonOperator": self.comparison,
            "TreatMissingData": "missing" if self.tells_silence else "notBreaching",
            "ActionsEnabled": True,
            "AlarmActions": told,
            "OKActions": told,
            "InsufficientDataActions": told if self.tells_silence else [],
            "AlarmDescription": self.description,
            **few_values,
        }

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired."""
        cloud.cloudwatch().delete_alarms(AlarmNames=[found.id])


def alarm_name(owner: Owner, key: str) -> str:
    """Its name in CloudWatch, and so the subject of its mails."""
    return f"{_prefix(owner)}{key}"


def _prefix(owner: Owner) -> str:
    return f"autodeploy/{owner.application}/{owner.environment}/"


def _dimensions(of: tuple[tuple[str, str], ...], ids: Mapping[str, str]) -> list[dict[str, str]]:
    """In the order of their names: CloudWatch keeps none."""
    return [
        {"Name": dimension, "Value": DIMENSIONS[dimension](ids.get(key, ""))}
        for dimension, key in sorted(of)
    ]


def _said(record: Mapping[str, Any], name: str) -> Any:
    """What AWS says of an alarm; its dimensions in order, and nothing as an empty list."""
    value = record.get(name) or []
    return sorted(value, key=lambda one: str(one["Name"])) if name == "Dimensions" else value
