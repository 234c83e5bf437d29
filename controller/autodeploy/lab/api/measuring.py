"""What CloudWatch measures in the lab: read of the hosts themselves, each minute and when asked.

How long single requests take HAProxy does not tell, so there is no TargetResponseTime.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends
from moto.rds.models import rds_backends

from autodeploy.errors import LabBroken
from autodeploy.lab.api.strict.account import Account
from autodeploy.lab.balancers.fleet import Fleet
from autodeploy.lab.cgroups import Cgroup
from autodeploy.lab.databases.model import LabDBInstance
from autodeploy.lab.site import Site

EVERY_SECONDS = 60
KEPT_VALUES = 100_000
BALANCERS = {
    "requests": "RequestCount",
    "errors": "HTTPCode_Target_5XX_Count",
    "own_errors": "HTTPCode_ELB_5XX_Count",
}
GIB = 1024**3


@dataclass(frozen=True)
class Value:
    """One value that was measured, in CloudWatch's names."""

    namespace: str
    metric: str
    dimension: tuple[str, str]
    value: float


@dataclass
class Growth:
    """How much counters have grown since somebody looked; safe for one thread."""

    _before: dict[tuple[str, ...], float] = field(default_factory=dict)

    def of(self, *counter: str, now: float) -> float:
        """By how much; a counter that is smaller than before has begun anew."""
        before = self._before.get(counter, 0)
        self._before[counter] = now
        return now - before if now >= before else now


class Measuring:
    """Measures all that the lab has."""

    def __init__(self, site: Site, fleet: Fleet, lock: threading.RLock) -> None:
        """Measure nothing yet; who looks at moto's models holds `lock`."""
        self._site, self._fleet, self._lock = site, fleet, lock
        self._growth = Growth()
        self._busy: dict[str, tuple[float, float]] = {}

    def follow(self) -> None:
        """Measure each minute, for ever."""
        while True:
            time.sleep(EVERY_SECONDS)
            self.take()

    def take(self) -> None:
        """Measure all that there is now."""
        with self._lock:
            for account, read in (
                *((one, self._hosts) for one in _places(ec2_backends)),
                *((one, self._balancers) for one in _places(elbv2_backends)),
                *((one, self._databases) for one in _places(rds_backends)),
            ):
                for one in read(account):
                    _publish(account, one)

    def _hosts(self, account: Account) -> Iterator[Value]:
        for one in account.instances():
            if one.state == "running":
                named = ("InstanceId", one.id)
                yield Value("AWS/EC2", "StatusCheckFailed", named, 0)
                yield from self._cpu("AWS/EC2", named, one.id)

    def _balancers(self, account: Account) -> Iterator[Value]:
        for arn in account.elbv2.load_balancers:
            running = self._fleet.get(arn)
            with contextlib.suppress(LabBroken):
                counts = running.counts()._asdict() if running else {}
                for name, count in counts.items():
                    grown = self._growth.of(arn, name, now=count)
                    named = ("LoadBalancer", arn.partition(":loadbalancer/")[2])
                    yield Value("AWS/ApplicationELB", BALANCERS[name], named, grown)

    def _databases(self, account: Account) -> Iterator[Value]:
        for name, one in account.rds.databases.items():
            if not isinstance(one, LabDBInstance) or one.status != "available" or not one.real:
                continue
            named = ("DBInstanceIdentifier", name)
            with contextlib.suppress(LabBroken):
                connections, used = one.real.measured()
                free = int(one.allocated_storage) * GIB - used
                yield Value("AWS/RDS", "DatabaseConnections", named, connections)
                yield Value("AWS/RDS", "FreeStorageSpace", named, free)
            yield from self._cpu("AWS/RDS", named, one.real.order.spec.instance_id)

    def _cpu(self, namespace: str, named: tuple[str, str], host: str) -> Iterator[Value]:
        """The share of this machine's processors that a host has had; nothing at first."""
        now, used = time.monotonic(), Cgroup(self._site.cgroup, host).cpu_seconds()
        if used is None:
            return
        then, before = self._busy.get(host, (now, used))
        self._busy[host] = (now, used)
        if now > then:
            share = (used - before) / ((now - then) * (os.cpu_count() or 1))
            yield Value(namespace, "CPUUtilization", named, 100 * min(1.0, max(0.0, share)))


def _places(backends: Any) -> list[Account]:
    return [Account(account, region) for account, region, _ in backends.iter_backends()]


def _publish(account: Account, one: Value) -> None:
    backend = cloudwatch_backends[account.id][account.region]
    name, of = one.dimension
    said = {
        "MetricName": one.metric,
        "Dimensions": [{"Name": name, "Value": of}],
        # As CloudWatch does it: a value is that of the minute in which it was measured.
        "Timestamp": utcnow().replace(second=0, microsecond=0),
        "Value": one.value,
    }
    backend.put_metric_data(one.namespace, [said])
    del backend.metric_data[:-KEPT_VALUES]
