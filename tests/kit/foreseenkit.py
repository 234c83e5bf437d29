"""Whether what a deployment foresaw is what AWS says there is. Not our code's view of either.

Of each resource that was to be made or changed every field that AWS describes is compared; what it
does not describe is named here, so that a new field is noticed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from autodeploy.aws.cloud import READS
from autodeploy.lab import client, images
from labkit import api

Record = Mapping[str, Any]
Ids = Mapping[str, str]
KEPT = {"create", "update", "replace", "none"}


class Kind(NamedTuple):
    """How AWS describes a kind.

    Attributes:
        ask: The records by identifier, of these identifiers.
        fields: What a record says of each field; names of other resources are identifiers there.
        undescribed: Fields that it says nothing of.
    """

    ask: Callable[[list[str]], dict[str, Record]]
    fields: Mapping[str, Callable[[Record], Any]]
    undescribed: frozenset[str] = frozenset()


@cache
def _client(service: str, endpoint: str) -> Any:
    return api(client.status(), service)


def _service(name: str) -> Any:
    return _client(name, str(client.status().endpoint_url))


def _asks(service: str, operation: str, parameter: str, field: str, name: str) -> Any:
    def ask(ids: list[str]) -> dict[str, Record]:
        found = getattr(_service(service), operation)(**{parameter: ids})[field]
        return {one[name]: one for one in found}

    return ask


def _one_by_one(service: str, operation: str, parameter: str, field: str) -> Any:
    def ask(ids: list[str]) -> dict[str, Record]:
        call = getattr(_service(service), operation)
        return {one: call(**{parameter: one})[field][0] for one in ids}

    return ask


def _instances(ids: list[str]) -> dict[str, Record]:
    found = _service("ec2").describe_instances(InstanceIds=ids)["Reservations"]
    return {one["InstanceId"]: one for each in found for one in each["Instances"]}


def _targets(ids: list[str]) -> dict[str, Record]:
    elb = _service("elbv2")
    field = "TargetHealthDescriptions"
    return {one: {"Targets": elb.describe_target_health(TargetGroupArn=one)[field]} for one in ids}


def _rules(record: Record) -> list[tuple[Any, ...]]:
    """Each rule: protocol, ports and source."""
    return sorted(
        (one["IpProtocol"], one.get("FromPort"), one.get("ToPort"), source)
        for one in record["IpPermissions"]
        for source in [
            *(each["CidrIp"] for each in one["IpRanges"]),
            *(each["GroupId"] for each in one["UserIdGroupPairs"]),
        ]
    )


def _image(record: Record) -> str:
    image = images.by_ami(record["ImageId"])
    return f"debian-{image.release if image else None}"


def _forwards(record: Record) -> Any:
    return record["DefaultActions"][0].get("TargetGroupArn")


KINDS: dict[str, Kind] = {
    "AWS::EC2::VPC": Kind(
        _asks("ec2", "describe_vpcs", "VpcIds", "Vpcs", "VpcId"),
        {"cidr": lambda one: one["CidrBlock"]},
    ),
    "AWS::EC2::InternetGateway": Kind(
        _asks("ec2", "describe_internet_gateways", "InternetGatewayIds", "InternetGateways",
              "InternetGatewayId"),
        {"vpc": lambda one: one["Attachments"][0]["VpcId"]},
    ),
    "AWS::EC2::Subnet": Kind(
        _asks("ec2", "describe_subnets", "SubnetIds", "Subnets", "SubnetId"),
        {
            "vpc": lambda one: one["VpcId"],
            "cidr": lambda one: one["CidrBlock"],
            "zone": lambda one: one["AvailabilityZone"],
        },
    ),
    "AWS::EC2::RouteTable": Kind(
        _asks("ec2", "describe_route_tables", "RouteTableIds", "RouteTables", "RouteTableId"),
        {
            "vpc": lambda one: one["VpcId"],
            "subnets": lambda one: {each["SubnetId"] for each in one["Associations"]},
            "gateway": lambda one: next(
                (each["GatewayId"] for each in one["Routes"]
                 if each["DestinationCidrBlock"] == "0.0.0.0/0"), None,
            ),
        },
    ),
    "AWS::EC2::SecurityGroup": Kind(
        _asks("ec2", "describe_security_groups", "GroupIds", "SecurityGroups", "GroupId"),
        {"vpc": lambda one: one["VpcId"], "ingress": _rules},
    ),
    "AWS::EC2::KeyPair": Kind(
        _asks("ec2", "describe_key_pairs", "KeyPairIds", "KeyPairs", "KeyPairId"), {}
    ),
    "AWS::EC2::Instance": Kind(
        _instances,
        {
            "image": _image,
            "instance_type": lambda one: one["InstanceType"],
            "subnet": lambda one: one["SubnetId"],
            "group": lambda one: one["SecurityGroups"][0]["GroupId"],
            "arch": lambda one: {"x86_64": "amd64"}.get(one["Architecture"], one["Architecture"]),
        },
        frozenset({"flexible"}),
    ),
    "AWS::RDS::DBSubnetGroup": Kind(
        _one_by_one("rds", "describe_db_subnet_groups", "DBSubnetGroupName", "DBSubnetGroups"),
        {"subnets": lambda one: {each["SubnetIdentifier"] for each in one["Subnets"]}},
    ),
    "AWS::RDS::DBInstance": Kind(
        _one_by_one("rds", "describe_db_instances", "DBInstanceIdentifier", "DBInstances"),
        {
            "engine": lambda one: one["Engine"],
            "instance_class": lambda one: one["DBInstanceClass"],
            "subnet_group": lambda one: one["DBSubnetGroup"]["DBSubnetGroupName"],
            "group": lambda one: one["VpcSecurityGroups"][0]["VpcSecurityGroupId"],
        },
        frozenset({"secret"}),
    ),
    "AWS::ElastiCache::SubnetGroup": Kind(
        _one_by_one("elasticache", "describe_cache_subnet_groups", "CacheSubnetGroupName",
                    "CacheSubnetGroups"),
        {"subnets": lambda one: {each["SubnetIdentifier"] for each in one["Subnets"]}},
        frozenset({"after"}),
    ),
    "AWS::ElastiCache::ReplicationGroup": Kind(
        _one_by_one("elasticache", "describe_replication_groups", "ReplicationGroupId",
                    "ReplicationGroups"),
        {"node_type": lambda one: one["CacheNodeType"]},
        frozenset({"subnet_group", "group", "secret"}),
    ),
    "AWS::SecretsManager::Secret": Kind(
        lambda ids: {one: _service("secretsmanager").describe_secret(SecretId=one) for one in ids},
        {},
        frozenset({"after"}),
    ),
    "AWS::CertificateManager::Certificate": Kind(
        lambda ids: {
            one: _service("acm").describe_certificate(CertificateArn=one)["Certificate"]
            for one in ids
        },
        {"domain": lambda one: one["DomainName"]},
    ),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": Kind(
        _asks("elbv2", "describe_load_balancers", "LoadBalancerArns", "LoadBalancers",
              "LoadBalancerArn"),
        {
            "subnets": lambda one: {each["SubnetId"] for each in one["AvailabilityZones"]},
            "groups": lambda one: set(one["SecurityGroups"]),
        },
        frozenset({"gateway"}),
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": Kind(
        _asks("elbv2", "describe_target_groups", "TargetGroupArns", "TargetGroups",
              "TargetGroupArn"),
        {
            "vpc": lambda one: one["VpcId"],
            "port": lambda one: one["Port"],
            "health_path": lambda one: one["HealthCheckPath"],
            "health_below": lambda one: int(one["Matcher"]["HttpCode"].partition("-")[2]) + 1,
        },
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup.TargetDescription": Kind(
        _targets,
        {"hosts": lambda one: {
            each["Target"]["Id"] for each in one["Targets"]
            if each["TargetHealth"]["State"] != "draining"
        }},
        frozenset({"group", "leaving"}),
    ),
    "AWS::ElasticLoadBalancingV2::Listener": Kind(
        _asks("elbv2", "describe_listeners", "ListenerArns", "Listeners", "ListenerArn"),
        {
            "port": lambda one: one["Port"],
            "balancer": lambda one: one["LoadBalancerArn"],
            "group": _forwards,
            "certificate": lambda one: next(
                (each["CertificateArn"] for each in one.get("Certificates", ())), None
            ),
        },
        frozenset({"domain", "after"}),
    ),
    "AWS::SNS::Topic": Kind(
        lambda ids: {
            one: _service("sns").get_topic_attributes(TopicArn=one)["Attributes"] for one in ids
        },
        {},
    ),
    "AWS::CloudWatch::Alarm": Kind(
        _asks("cloudwatch", "describe_alarms", "AlarmNames", "MetricAlarms", "AlarmName"),
        {
            "comparison": lambda one: one["ComparisonOperator"],
            "threshold": lambda one: one["Threshold"],
            "seconds": lambda one: one["Period"],
            "periods": lambda one: one["EvaluationPeriods"],
            "description": lambda one: one["AlarmDescription"],
        },
        frozenset({"measured", "tells_silence"}),
    ),
}  # fmt: skip
"""But for subscriptions, which AWS describes to whoever confirms them."""


def check(printed: Any) -> None:
    """Fail where a deployment of the lab, as `--json` prints it, foresaw something else.

    One that changed nothing foresaw nothing.
    """
    folder = Path(os.environ["AUTODEPLOY_HOME"]) / "deployments" / printed["deployment_id"]
    if not printed["changed"] or printed["target"] != "lab" or not folder.is_dir():
        return
    state = json.loads((folder / "state.json").read_text())
    planned = {one["key"]: one for one in state["foreseen"]["resources"]}
    assert {key: one["action"] for key, one in planned.items()} == state["done"]
    assert printed["forecast"]["otherwise"] == []
    stays = {(key, one["type"]) for key, one in planned.items() if one["action"] in KEPT}
    there = state["resources"] + _secrets(state, planned)
    assert stays == {(one["key"], one["type"]) for one in there}
    ids = {one["key"]: one["id"] for one in there}
    told = [one for one in planned.values() if one["action"] in KEPT - {"none"}]
    assert list(differing(told, ids)) == []


def _secrets(state: Any, planned: Any) -> list[Any]:
    """What keeps the application's secrets: no work of the Provisioner, and no resource of its."""
    named = [one for one in planned.values() if one["key"] == "variables"]
    return [{**one, "id": state["secrets"]["id"]} for one in named]


def check_calls(printed: Any, begun: datetime) -> None:
    """Fail where a deployment has changed something by a call that it did not foresee."""
    folder = Path(os.environ["AUTODEPLOY_HOME"]) / "deployments" / printed["deployment_id"]
    foreseen = json.loads((folder / "state.json").read_text())["foreseen"]["forecast"]
    called = {one.action for one in client.calls(begun)}
    looks = {one for one in called if one.partition(":")[2].startswith(READS)}
    assert called - looks <= set(foreseen["permissions"]["writes"])
    assert looks - {"sts:GetCallerIdentity"} <= set(foreseen["permissions"]["reads"])


def differing(told: Iterable[Any], ids: Ids) -> Iterable[str]:
    """What AWS says otherwise than a plan of these resources, with these identifiers."""
    by_kind: dict[str, list[Any]] = {}
    for one in told:
        by_kind.setdefault(one["type"], []).append(one)
    for name in by_kind.keys() & KINDS.keys():
        kind, some = KINDS[name], by_kind[name]
        records = kind.ask([ids[one["key"]] for one in some])
        for one in some:
            yield from _differing(one, kind, records[ids[one["key"]]], ids)


def _differing(one: Any, kind: Kind, record: Record, ids: Ids) -> Iterable[str]:
    said = one["properties"]
    if (
        one["action"] in {"create", "replace"}
        and said.keys() - kind.undescribed != kind.fields.keys()
    ):
        yield f"{one['key']}: fields {sorted(said)}, AWS's {sorted(kind.fields)}"
    for field in said.keys() & kind.fields.keys():
        wanted, there = _named(field, said[field], ids), kind.fields[field](record)
        if wanted is not None and wanted != there:
            yield f"{one['key']}.{field}: {wanted} was foreseen, there is {there}"


NAMES = {
    *("vpc", "subnets", "gateway", "subnet", "group", "groups", "subnet_group", "hosts"),
    *("balancer", "certificate"),
}
"""Fields that name other resources."""


def _named(field: str, value: Any, ids: Ids) -> Any:
    """A field's value with identifiers for names; None where one of them is not the owner's."""
    if field == "ingress":
        return sorted(
            (one["protocol"], one["first"], one["last"], ids.get(one["source"], one["source"]))
            for one in value
        )
    if field not in NAMES or value is None:
        return value
    names = value if isinstance(value, list) else [value]
    if not ids.keys() >= set(names):
        return None
    return {ids[name] for name in names} if isinstance(value, list) else ids[value]
