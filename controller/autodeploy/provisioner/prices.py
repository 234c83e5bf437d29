"""What a resource costs in a month, by AWS's list; a price that is not known is not guessed. Pure.

The list (`data/prices.json`) has what we create, in one region, at one date.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

HOURS = 730
DISK_GB = 10
FREE = frozenset(
    {
        *("AWS::EC2::VPC", "AWS::EC2::InternetGateway", "AWS::EC2::Subnet", "AWS::EC2::RouteTable"),
        *("AWS::EC2::SecurityGroup", "AWS::EC2::KeyPair", "AWS::RDS::DBSubnetGroup"),
        *("AWS::CertificateManager::Certificate", "AWS::ElastiCache::SubnetGroup"),
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "AWS::SNS::Topic",
    }
)
"""What AWS asks nothing for."""


@cache
def table() -> Mapping[str, Any]:
    """The list: `region` and `date` say what it holds for."""
    text = files("autodeploy.provisioner").joinpath("data/prices.json").read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    return read


def monthly(kind: str, record: Mapping[str, Any]) -> float | None:
    """USD for a month of a resource as it is, traffic and requests aside; None where not known.

    Args:
        kind: CloudFormation's name of its kind.
        record: AWS's description of it.
    """
    if kind in FREE:
        return 0.0
    price = PRICED.get(kind)
    return price(record) if price else None


def _instance(record: Mapping[str, Any]) -> float | None:
    """The machine where it runs, its disk, and its address."""
    if record["State"]["Name"] not in {"pending", "running"}:
        return _disk(DISK_GB)
    hour = table()["instances"].get(record["InstanceType"])
    if hour is None:
        return None
    address = table()["public_address"] if record.get("PublicIpAddress") else 0
    return float(HOURS * (hour + address)) + _disk(DISK_GB)


def _volume(record: Mapping[str, Any]) -> float | None:
    return _disk(record["Size"]) if record["VolumeType"] == "gp3" else None


def _disk(size: int) -> float:
    return float(size * table()["disk_gp3"])


def _database(record: Mapping[str, Any]) -> float | None:
    hour = table()["databases"].get(record["Engine"], {}).get(record["DBInstanceClass"])
    if hour is None or record.get("StorageType") != "gp3" or record.get("MultiAZ"):
        return None
    storage = record["AllocatedStorage"] * table()["database_storage_gp3"]
    return float(storage + (0 if record["DBInstanceStatus"] == "stopped" else HOURS * hour))


def _cache(record: Mapping[str, Any]) -> float | None:
    """Its nodes' hours."""
    hour = table()["caches"].get(record["CacheNodeType"])
    return None if hour is None else float(HOURS * hour * len(record["MemberClusters"]))


def _load_balancer(record: Mapping[str, Any]) -> float:
    """Its hours, and an address in each zone."""
    zones = len(record["AvailabilityZones"])
    return float(HOURS * (table()["load_balancer"] + zones * table()["public_address"]))


def _secret(_record: Mapping[str, Any]) -> float:
    return float(table()["secret"])


def _alarm(_record: Mapping[str, Any]) -> float:
    return float(table()["alarm"])


PRICED: Mapping[str, Callable[[Mapping[str, Any]], float | None]] = {
    "AWS::EC2::Instance": _instance,
    "AWS::EC2::Volume": _volume,
    "AWS::RDS::DBInstance": _database,
    "AWS::ElastiCache::ReplicationGroup": _cache,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _load_balancer,
    "AWS::SecretsManager::Secret": _secret,
    "AWS::CloudWatch::Alarm": _alarm,
}
