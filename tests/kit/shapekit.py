"""How an application's resources are joined, in words without identifiers. Not our code's view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Client = Callable[[str], Any]
Names = Mapping[str, str]
"""Logical names by AWS's identifiers, of all that is the application's."""


def shape(client: Client, names: Names) -> dict[str, Any]:
    """What a run must leave, whatever it went through: the same for the same application."""
    ec2, elb = client("ec2"), client("elbv2")
    parts = {
        "gateways": _of(ec2.describe_internet_gateways()["InternetGateways"], names, _gateway),
        "tables": _of(ec2.describe_route_tables()["RouteTables"], names, _table),
        "groups": _of(ec2.describe_security_groups()["SecurityGroups"], names, _group),
        "hosts": _of(_instances(ec2), names, _host),
        "databases": _of(client("rds").describe_db_instances()["DBInstances"], names, _database),
        "caches": _of(
            client("elasticache").describe_cache_clusters()["CacheClusters"], names, _cache
        ),
        "balancers": _of(elb.describe_load_balancers()["LoadBalancers"], names, _balancer),
        "targets": {
            one: _targets(elb, id_, names) for id_, one in names.items() if ":targetgroup/" in id_
        },
        "listeners": [_listener(elb, id_, names) for id_ in names if ":listener/" in id_],
    }
    return {kind: one for kind, one in parts.items() if one}


def _of(records: list[Any], names: Names, say: Callable[[Any, Names], Any]) -> dict[str, Any]:
    named = {_id(one): one for one in records}
    return {names[id_]: say(one, names) for id_, one in named.items() if id_ in names}


def _id(record: Mapping[str, Any]) -> str:
    fields = (
        "InternetGatewayId RouteTableId GroupId InstanceId DBInstanceIdentifier LoadBalancerArn "
        "ReplicationGroupId"
    )
    return next(str(record[one]) for one in fields.split() if one in record)


def _instances(ec2: Any) -> list[Any]:
    return [one for each in ec2.describe_instances()["Reservations"] for one in each["Instances"]]


def _gateway(record: Any, names: Names) -> Any:
    return [names.get(one["VpcId"]) for one in record["Attachments"]]


def _table(record: Any, names: Names) -> Any:
    routes = {
        one["DestinationCidrBlock"]: names.get(one["GatewayId"], one["GatewayId"])
        for one in record["Routes"]
    }
    ways = sorted(way for to, way in routes.items() if to == "0.0.0.0/0")
    subnets = sorted(names.get(one.get("SubnetId"), "?") for one in record["Associations"])
    return ways, subnets


def _group(record: Any, names: Names) -> Any:
    return sorted(
        (one.get("FromPort"), one.get("ToPort"), source.get("CidrIp") or names[source["GroupId"]])
        for one in record["IpPermissions"]
        for source in (*one["IpRanges"], *one["UserIdGroupPairs"])
    )


def _host(record: Any, names: Names) -> Any:
    groups = [names.get(one["GroupId"]) for one in record["SecurityGroups"]]
    state, key = record["State"]["Name"], record["KeyName"]
    return state, names.get(record["SubnetId"]), groups, key, record["InstanceType"]


def _database(record: Any, names: Names) -> Any:
    groups = [names.get(one["VpcSecurityGroupId"]) for one in record["VpcSecurityGroups"]]
    subnets = [
        names.get(one["SubnetIdentifier"], "?") for one in record["DBSubnetGroup"]["Subnets"]
    ]
    status, protected = record["DBInstanceStatus"], record["DeletionProtection"]
    return status, protected, groups, sorted(subnets), record["Engine"]


def _cache(record: Any, names: Names) -> Any:
    groups = [names.get(one["SecurityGroupId"]) for one in record["SecurityGroups"]]
    return record["CacheClusterStatus"], groups, record["CacheNodeType"]


def _balancer(record: Any, names: Names) -> Any:
    zones = sorted(names.get(one["SubnetId"], "?") for one in record["AvailabilityZones"])
    groups = sorted(names.get(one, "?") for one in record["SecurityGroups"])
    return record["State"]["Code"], zones, groups


def _targets(elb: Any, arn: str, names: Names) -> Any:
    (record,) = elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    said = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    registered = sorted(names.get(one["Target"]["Id"], "?") for one in said)
    attributes = elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    kept = {one["Key"]: one["Value"] for one in attributes}
    return registered, record["HealthCheckPath"], record["Port"], kept


def _listener(elb: Any, arn: str, names: Names) -> Any:
    (record,) = elb.describe_listeners(ListenerArns=[arn])["Listeners"]
    actions = [
        names.get(one.get("TargetGroupArn"), one["Type"]) for one in record["DefaultActions"]
    ]
    return record["Port"], record["Protocol"], actions
