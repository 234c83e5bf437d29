"""How much of its quotas an account has in use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from autodeploy.aws.cloud import Cloud

STANDARD = re.compile(r"([acdhimrtz]|im|is)\d")
"""The families whose vCPUs count together, as Service Quotas names them."""
TAKING = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]


def vpcs(cloud: Cloud) -> int:
    """The VPCs of the region, AWS's own among them."""
    return sum(1 for _ in _listed(cloud.ec2(), "describe_vpcs", "Vpcs"))


def databases(cloud: Cloud) -> int:
    """The RDS instances of the region."""
    return sum(1 for _ in _listed(cloud.rds(), "describe_db_instances", "DBInstances"))


def balancers(cloud: Cloud) -> int:
    """The Application Load Balancers of the region."""
    found = _listed(cloud.elbv2(), "describe_load_balancers", "LoadBalancers")
    return sum(one["Type"] == "application" for one in found)


def running_types(cloud: Cloud) -> Counter[str]:
    """How many instances of each type run in the region."""
    found = _listed(cloud.ec2(), "describe_instances", "Reservations", Filters=TAKING)
    return Counter(one["InstanceType"] for each in found for one in each["Instances"])


def described_types(cloud: Cloud, types: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """What AWS says of some instance types.

    Raises:
        TypeNotOffered: There is none of one of these names.
    """
    wanted = sorted(set(types))
    found = _listed(cloud.ec2(), "describe_instance_types", "InstanceTypes", InstanceTypes=wanted)
    return {one["InstanceType"]: one for one in found}


def standard_vcpus(types: Mapping[str, int], described: Mapping[str, Mapping[str, Any]]) -> int:
    """The vCPUs of some instances, by type, that count against the quota of standard ones."""
    return sum(
        count * int(described[one]["VCpuInfo"]["DefaultVCpus"])
        for one, count in types.items()
        if STANDARD.match(one)
    )


def _listed(client: Any, operation: str, field: str, **asked: Any) -> Iterable[Mapping[str, Any]]:
    for page in client.get_paginator(operation).paginate(**asked):
        yield from page[field]
