"""What the lab measures, out of what HAProxy, the kernel and cgroups say."""

from __future__ import annotations

import threading
from itertools import accumulate
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.cloudwatch.models import cloudwatch_backends

from autodeploy.errors import LabBroken
from autodeploy.lab.api import measuring
from autodeploy.lab.api.measuring import Growth, Measuring
from autodeploy.lab.balancers.haproxy import Counts, counts
from autodeploy.lab.cgroups import Cgroup
from autodeploy.lab.databases.server import connected

PLACE = ("123456789012", "us-east-1")
TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000   101        0 1 1
   1: 0A00D50A:1538 0B00D50A:9C40 01 00000000:00000000 00:00000000 00000000   101        0 2 1
   2: 0A00D50A:9C41 0B00D50A:1538 01 00000000:00000000 00:00000000 00000000   101        0 3 1
  sl  local_address                         remote_address                        st
   0: 0000000000000000FFFF00000A00D50A:1538 0000000000000000FFFF00000B00D50A:9C42 01 00000000
   1: 0000000000000000FFFF00000A00D50A:1538 0000000000000000FFFF00000B00D50A:9C43 06 00000000
"""


def test_connections_are_those_to_the_port_that_are_open():
    assert connected(TCP, 5432) == 2
    assert connected(TCP, 3306) == 0


def test_requests_are_what_targets_answer_and_the_rest_of_5xx_is_the_balancers_own():
    rows = {
        ("alive", "FRONTEND"): {"hrsp_2xx": "100", "hrsp_5xx": "0"},
        ("listener-80", "FRONTEND"): {"hrsp_2xx": "9", "hrsp_5xx": "5"},
        ("shop", "10.0.0.1:80"): {"hrsp_2xx": "6", "hrsp_4xx": "1", "hrsp_5xx": "2"},
        ("shop", "backup-10.0.0.1:80"): {"hrsp_2xx": "3", "hrsp_5xx": "1", "hrsp_other": ""},
    }
    assert counts(rows) == Counts(requests=13, errors=3, own_errors=2)
    assert counts({}) == Counts()


@given(st.lists(st.lists(st.integers(0, 50), min_size=1), min_size=1))
def test_growth_adds_up_whatever_begins_anew(workers):
    """Each worker of HAProxy's counts from nothing, and has grown each time somebody looks."""
    growth, seen = Growth(), 0.0
    for worker in workers:
        # One that at the first look has counted more than the one before it cannot be told.
        seen += growth.of("one", now=0)
        for count in accumulate(worker):
            seen += growth.of("one", now=count)
    assert seen == sum(sum(worker) for worker in workers)


class Balancer:
    """Counts on, and is gone at last."""

    def __init__(self) -> None:
        self.said = [Counts(5, 1, 0), Counts(9, 1, 2)]

    def counts(self) -> Counts:
        if not self.said:
            raise LabBroken("gone")
        return self.said.pop(0)


@pytest.mark.slow
def test_what_is_measured_is_what_cloudwatch_has(api, monkeypatch):
    ec2, elb = api.client("ec2"), api.client("elbv2")
    subnets = [one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]][:2]
    image = ec2.describe_images(Owners=["136693071363"])["Images"][0]["ImageId"]
    (host,) = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"]
    (made,) = elb.create_load_balancer(Name="shop", Subnets=subnets)["LoadBalancers"]
    arn, balancer, used = made["LoadBalancerArn"], Balancer(), iter([1.0, 1.5, 2.0])
    monkeypatch.setattr(Cgroup, "cpu_seconds", lambda _: next(used))
    now = iter([0.0, 1.0, 2.0])
    monkeypatch.setattr(measuring.time, "monotonic", lambda: next(now))
    monkeypatch.setattr(measuring.os, "cpu_count", lambda: 2)
    fleet = SimpleNamespace(get={arn: balancer}.get)
    taking = Measuring(SimpleNamespace(cgroup="lab"), fleet, threading.RLock())
    for _ in range(3):
        taking.take()
    found: dict[str, list[float]] = {}
    for one in cloudwatch_backends[PLACE[0]][PLACE[1]].metric_data:
        found.setdefault(f"{one.dimensions[0].value} {one.name}", []).append(one.value)
    named = arn.partition(":loadbalancer/")[2]
    assert found == {
        f"{host['InstanceId']} StatusCheckFailed": [0, 0, 0],
        f"{host['InstanceId']} CPUUtilization": [25, 25],
        f"{named} RequestCount": [5, 4],
        f"{named} HTTPCode_Target_5XX_Count": [1, 0],
        f"{named} HTTPCode_ELB_5XX_Count": [0, 2],
    }
