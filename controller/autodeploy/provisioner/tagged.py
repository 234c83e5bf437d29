"""Everything in the account that bears autodeploy's tags, whosever it is: each service is asked.

What is only a part of something else (a balancer's listeners and targets, a host's disk) is not
named: it goes with that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autodeploy.aws import Cloud
from autodeploy.aws.grants import MANAGED, MANAGER
from autodeploy.contracts import Resource
from autodeploy.provisioner import acm
from autodeploy.provisioner.kinds import (
    Alarm,
    Cache,
    CacheSubnetGroup,
    Certificate,
    Database,
    DatabaseSubnetGroup,
    Desired,
    Instance,
    InternetGateway,
    KeyPair,
    LoadBalancer,
    Look,
    RouteTable,
    Secret,
    SecurityGroup,
    Subnet,
    TargetGroup,
    Topic,
    Vpc,
)
from autodeploy.provisioner.owner import DEPLOYMENT, RESOURCE, Owner, tags_of

if TYPE_CHECKING:
    from types_boto3_ec2.type_defs import FilterTypeDef

VOLUME, SNAPSHOT = "AWS::EC2::Volume", "AWS::RDS::DBSnapshot"
BY_DESCRIPTION: tuple[type[Desired], ...] = (
    *(Vpc, InternetGateway, Subnet, RouteTable, SecurityGroup, KeyPair, Instance, Database),
)
"""Kinds whose descriptions have the tags, and which can be asked for by any of these."""
MOST_TAGS = 20
"""For so many of its resources at once ELB tells the tags."""
Record = Mapping[str, Any]


class Everybody(Owner):
    """All applications at once."""

    application: str = ""
    environment: str = ""
    deployment: str = ""

    @property
    def filters(self) -> list[FilterTypeDef]:
        """See Owner."""
        return [{"Name": f"tag:{MANAGED}", "Values": [MANAGER]}]

    def owns(self, tags: Mapping[str, str]) -> bool:
        """See Owner."""
        named = {"autodeploy:application", "autodeploy:environment", RESOURCE, DEPLOYMENT}
        return tags.get(MANAGED) == MANAGER and named <= set(tags)


@dataclass(frozen=True)
class Tagged:
    """A resource that exists, and whose it is.

    Attributes:
        resource: It.
        application: Its application's name.
        environment: And environment.
        deployment: The id of the run that made it.
        record: AWS's description.
    """

    resource: Resource
    application: str
    environment: str
    deployment: str
    record: Record


def tagged(cloud: Cloud) -> tuple[Tagged, ...]:
    """All that there is in the region.

    Raises:
        CloudError: AWS could not be asked.
    """
    look, everybody = Look(cloud, Everybody()), Everybody()
    with ThreadPoolExecutor() as pool:
        described = [pool.submit(_described, kind, look) for kind in BY_DESCRIPTION]
        others = [pool.submit(lambda ask: list(ask(cloud)), ask) for ask in ASKED]
        found = [one for each in (*described, *others) for one in each.result()]
    return tuple(_whose(*one) for one in found if everybody.owns(one[2]))


def _whose(kind: str, identifier: str, tags: Mapping[str, str], record: Record) -> Tagged:
    return Tagged(
        resource=Resource(key=tags[RESOURCE], type=kind, id=identifier),
        application=tags["autodeploy:application"],
        environment=tags["autodeploy:environment"],
        deployment=tags[DEPLOYMENT],
        record=record,
    )


def left_behind(cloud: Cloud, owner: Owner) -> tuple[Tagged, ...]:
    """What the end of an owner's databases has left on purpose: their snapshots.

    Raises:
        CloudError: AWS could not be asked.
    """
    return tuple(_whose(*one) for one in _snapshots(cloud) if owner.owns(one[2]))


Seen = tuple[str, str, dict[str, str], Record]
"""Kind, identifier, tags, description."""


def _described(kind: type[Desired], look: Look) -> list[Seen]:
    return [
        (one.type, one.id, tags_of(one.record), one.record)
        for one in kind.observe(look)
        if one.alive
    ]


def _volumes(cloud: Cloud) -> Iterator[Seen]:
    """Disks that no host has."""
    free: FilterTypeDef = {"Name": "status", "Values": ["available"]}
    pages = cloud.ec2().get_paginator("describe_volumes")
    for page in pages.paginate(Filters=[*Everybody().filters, free]):
        for one in page["Volumes"]:
            yield VOLUME, one["VolumeId"], tags_of(one), one


def _subnet_groups(cloud: Cloud) -> Iterator[Seen]:
    rds = cloud.rds()
    for page in rds.get_paginator("describe_db_subnet_groups").paginate():
        for one in page["DBSubnetGroups"]:
            tags = rds.list_tags_for_resource(ResourceName=one["DBSubnetGroupArn"])
            yield DatabaseSubnetGroup.type, one["DBSubnetGroupName"], tags_of(tags), one


def _cache_subnet_groups(cloud: Cloud) -> Iterator[Seen]:
    client = cloud.elasticache()
    for page in client.get_paginator("describe_cache_subnet_groups").paginate():
        for one in page["CacheSubnetGroups"]:
            tags = client.list_tags_for_resource(ResourceName=one["ARN"])
            yield CacheSubnetGroup.type, one["CacheSubnetGroupName"], tags_of(tags), one


def _caches(cloud: Cloud) -> Iterator[Seen]:
    """Those that are available: while one is being made, changed or deleted it tells no tags."""
    client = cloud.elasticache()
    for page in client.get_paginator("describe_replication_groups").paginate():
        for one in page["ReplicationGroups"]:
            if one["Status"] == "available":
                tags = client.list_tags_for_resource(ResourceName=one["ARN"])
                yield Cache.type, one["ReplicationGroupId"], tags_of(tags), one


def _snapshots(cloud: Cloud) -> Iterator[Seen]:
    pages = cloud.rds().get_paginator("describe_db_snapshots").paginate(SnapshotType="manual")
    for page in pages:
        for one in page["DBSnapshots"]:
            yield SNAPSHOT, one["DBSnapshotIdentifier"], tags_of(one), one


def _secrets(cloud: Cloud) -> Iterator[Seen]:
    pages = cloud.secretsmanager().get_paginator("list_secrets")
    for page in pages.paginate(Filters=[{"Key": "tag-key", "Values": [MANAGED]}]):
        for one in page["SecretList"]:
            yield Secret.type, one["ARN"], tags_of(one), one


def _certificates(cloud: Cloud) -> Iterator[Seen]:
    for one in acm.listed(cloud):
        arn = one["CertificateArn"]
        yield Certificate.type, arn, acm.tags(cloud, arn), one


def _topics(cloud: Cloud) -> Iterator[Seen]:
    sns = cloud.sns()
    for page in sns.get_paginator("list_topics").paginate():
        for one in page["Topics"]:
            arn = one["TopicArn"]
            if arn.rpartition(":")[2].startswith(f"{MANAGER}-"):
                yield Topic.type, arn, tags_of(sns.list_tags_for_resource(ResourceArn=arn)), one


def _alarms(cloud: Cloud) -> Iterator[Seen]:
    cloudwatch = cloud.cloudwatch()
    pages = cloudwatch.get_paginator("describe_alarms")
    for page in pages.paginate(AlarmNamePrefix=f"{MANAGER}/"):
        for one in page["MetricAlarms"]:
            tags = cloudwatch.list_tags_for_resource(ResourceARN=one["AlarmArn"])
            yield Alarm.type, one["AlarmName"], tags_of(tags), one


def _load_balancers(cloud: Cloud) -> Iterator[Seen]:
    pages = cloud.elbv2().get_paginator("describe_load_balancers").paginate()
    records = {one["LoadBalancerArn"]: one for page in pages for one in page["LoadBalancers"]}
    yield from _with_tags(cloud, LoadBalancer.type, records)


def _target_groups(cloud: Cloud) -> Iterator[Seen]:
    pages = cloud.elbv2().get_paginator("describe_target_groups").paginate()
    records = {one["TargetGroupArn"]: one for page in pages for one in page["TargetGroups"]}
    yield from _with_tags(cloud, TargetGroup.type, records)


def _with_tags(cloud: Cloud, kind: str, records: Mapping[str, Record]) -> Iterator[Seen]:
    arns: Sequence[str] = list(records)
    for start in range(0, len(arns), MOST_TAGS):
        asked = arns[start : start + MOST_TAGS]
        for one in cloud.elbv2().describe_tags(ResourceArns=asked)["TagDescriptions"]:
            arn = one["ResourceArn"]
            yield kind, arn, tags_of(one), records[arn]


ASKED: tuple[Callable[[Cloud], Iterator[Seen]], ...] = (
    *(_volumes, _subnet_groups, _snapshots, _secrets, _certificates),
    *(_load_balancers, _target_groups, _cache_subnet_groups, _caches, _topics, _alarms),
)
