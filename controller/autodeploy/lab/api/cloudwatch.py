"""CloudWatch whose alarms have a life: state and tags of their own, and an end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.cloudwatch.exceptions import ResourceNotFound, ResourceNotFoundException
from moto.cloudwatch.models import Alarm, CloudWatchBackend, cloudwatch_backends
from werkzeug import Response

from autodeploy.lab.api.gateway import Call, Layer, Next

UNKNOWN = "INSUFFICIENT_DATA"
READS = frozenset({"cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics"})


class LabCloudWatchBackend(CloudWatchBackend):
    """A CloudWatch in which a new alarm knows nothing yet, and another word on it is just that."""

    __module__ = CloudWatchBackend.__module__  # moto finds a service's urls beside it

    def put_metric_alarm(self, name: str, *args: Any, **kwargs: Any) -> Alarm:
        """Make an alarm, or change one: that keeps its state, and its tags whatever is said."""
        before = self.alarms.get(name)
        kwargs["tags"] = None if before else kwargs.get("tags")
        made = super().put_metric_alarm(name, *args, **kwargs)
        made.state_value = before.state_value if before else UNKNOWN
        return made

    def delete_alarms(self, alarm_names: list[str]) -> None:
        """Delete them and their tags; none where one is not there."""
        if missing := [one for one in alarm_names if one not in self.alarms]:
            raise ResourceNotFound(f"Alarms not found: {', '.join(missing)}")
        for one in alarm_names:
            self.tagger.delete_all_tags_for_resource(self.alarms[one].alarm_arn)
        super().delete_alarms(alarm_names)

    def list_tags_for_resource(self, arn: str) -> dict[str, str]:
        """The tags of what is there."""
        if arn not in {one.alarm_arn for one in self.alarms.values()}:
            raise ResourceNotFoundException
        return super().list_tags_for_resource(arn)


def measuring(measure: Callable[[], None]) -> Layer:
    """The layer that measures before what is measured is read."""

    def layer(call: Call, following: Next) -> Response:
        if call.action in READS:
            measure()
        return following(call)

    return layer


def install() -> None:
    """Make moto serve this backend; before its first call only."""
    cloudwatch_backends.backend = LabCloudWatchBackend
