"""How an AWS account's resources are listed, and how each is ended. Not our code's view."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

Client = Callable[[str], Any]
"""Gives boto3's client of a service."""
Listed = Iterator[tuple[str, Mapping[str, str]]]


def _tags(record: Mapping[str, Any]) -> dict[str, str]:
    found = record.get("Tags") or record.get("TagList") or record.get("TagSet") or ()
    return {tag["Key"]: tag["Value"] for tag in found}


def _pages(client: Any, operation: str, **asked: Any) -> Iterator[Any]:
    if client.can_paginate(operation):
        yield from client.get_paginator(operation).paginate(**asked)
    else:
        yield getattr(client, operation)(**asked)


def _list(service: str, operation: str, field: str, name: str) -> Callable[[Client], Listed]:
    """Lists resources whose descriptions have their tags."""

    def listed(client: Client) -> Listed:
        for page in _pages(client(service), operation):
            for one in page[field]:
                yield one[name], _tags(one)

    return listed


def _instances(client: Client) -> Listed:
    for page in _pages(client("ec2"), "describe_instances"):
        for one in (
            each for reservation in page["Reservations"] for each in reservation["Instances"]
        ):
            if one["State"]["Name"] != "terminated":
                yield one["InstanceId"], _tags(one)


def _balancing(operation: str, field: str, name: str) -> Callable[[Client], Listed]:
    def listed(client: Client) -> Listed:
        elb = client("elbv2")
        for page in _pages(elb, operation):
            for one in page[field]:
                (said,) = elb.describe_tags(ResourceArns=[one[name]])["TagDescriptions"]
                yield one[name], _tags(said)

    return listed


def _subnet_groups(client: Client) -> Listed:
    rds = client("rds")
    for page in _pages(rds, "describe_db_subnet_groups"):
        for one in page["DBSubnetGroups"]:
            said = rds.list_tags_for_resource(ResourceName=one["DBSubnetGroupArn"])
            yield one["DBSubnetGroupName"], _tags(said)


def _cached(operation: str, field: str, name: str) -> Callable[[Client], Listed]:
    def listed(client: Client) -> Listed:
        known = client("elasticache")
        for page in _pages(known, operation):
            for one in page[field]:
                yield one[name], _tags(known.list_tags_for_resource(ResourceName=one["ARN"]))

    return listed


def _certificates(client: Client) -> Listed:
    acm = client("acm")
    for page in _pages(acm, "list_certificates"):
        for one in page["CertificateSummaryList"]:
            arn = one["CertificateArn"]
            yield arn, _tags(acm.list_tags_for_certificate(CertificateArn=arn))


def _topics(client: Client) -> Listed:
    sns = client("sns")
    for page in _pages(sns, "list_topics"):
        for one in page["Topics"]:
            arn = one["TopicArn"]
            yield arn, _tags(sns.list_tags_for_resource(ResourceArn=arn))


def _alarms(client: Client) -> Listed:
    cloudwatch = client("cloudwatch")
    for page in _pages(cloudwatch, "describe_alarms"):
        for one in page["MetricAlarms"]:
            said = cloudwatch.list_tags_for_resource(ResourceARN=one["AlarmArn"])
            yield one["AlarmName"], _tags(said)


def _end_database(client: Client, name: str) -> None:
    rds = client("rds")
    rds.modify_db_instance(
        DBInstanceIdentifier=name, DeletionProtection=False, ApplyImmediately=True
    )
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)


def _end_group(client: Client, group: str) -> None:
    ec2 = client("ec2")
    (said,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    if said["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=said["IpPermissions"])
    ec2.delete_security_group(GroupId=group)


def _end_table(client: Client, table: str) -> None:
    ec2 = client("ec2")
    (said,) = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    for one in said["Associations"]:
        ec2.disassociate_route_table(AssociationId=one["RouteTableAssociationId"])
    ec2.delete_route_table(RouteTableId=table)


def _end_gateway(client: Client, gateway: str) -> None:
    ec2 = client("ec2")
    (said,) = ec2.describe_internet_gateways(InternetGatewayIds=[gateway])["InternetGateways"]
    for one in said["Attachments"]:
        ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=one["VpcId"])
    ec2.delete_internet_gateway(InternetGatewayId=gateway)


def _end(service: str, operation: str, name: str, **more: Any) -> Callable[[Client, str], Any]:
    return lambda client, id_: getattr(client(service), operation)(**{name: id_}, **more)


class Kind(NamedTuple):
    """How a kind is listed, and how one of it is ended."""

    listed: Callable[[Client], Listed]
    end: Callable[[Client, str], Any]


ELB, RDS, CACHE = "AWS::ElasticLoadBalancingV2::", "AWS::RDS::", "AWS::ElastiCache::"
KINDS = {
    "AWS::CloudWatch::Alarm": Kind(
        _alarms, lambda client, name: client("cloudwatch").delete_alarms(AlarmNames=[name])
    ),
    "AWS::SNS::Topic": Kind(_topics, _end("sns", "delete_topic", "TopicArn")),
    f"{ELB}LoadBalancer": Kind(
        _balancing("describe_load_balancers", "LoadBalancers", "LoadBalancerArn"),
        _end("elbv2", "delete_load_balancer", "LoadBalancerArn"),
    ),
    "AWS::EC2::Instance": Kind(
        _instances, lambda client, id_: client("ec2").terminate_instances(InstanceIds=[id_])
    ),
    f"{RDS}DBInstance": Kind(
        _list("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"), _end_database
    ),
    f"{RDS}DBSnapshot": Kind(
        _list("rds", "describe_db_snapshots", "DBSnapshots", "DBSnapshotIdentifier"),
        _end("rds", "delete_db_snapshot", "DBSnapshotIdentifier"),
    ),
    f"{RDS}DBSubnetGroup": Kind(
        _subnet_groups, _end("rds", "delete_db_subnet_group", "DBSubnetGroupName")
    ),
    f"{CACHE}ReplicationGroup": Kind(
        _cached("describe_replication_groups", "ReplicationGroups", "ReplicationGroupId"),
        _end("elasticache", "delete_replication_group", "ReplicationGroupId"),
    ),
    f"{CACHE}SubnetGroup": Kind(
        _cached("describe_cache_subnet_groups", "CacheSubnetGroups", "CacheSubnetGroupName"),
        _end("elasticache", "delete_cache_subnet_group", "CacheSubnetGroupName"),
    ),
    f"{ELB}TargetGroup": Kind(
        _balancing("describe_target_groups", "TargetGroups", "TargetGroupArn"),
        _end("elbv2", "delete_target_group", "TargetGroupArn"),
    ),
    "AWS::CertificateManager::Certificate": Kind(
        _certificates, _end("acm", "delete_certificate", "CertificateArn")
    ),
    "AWS::SecretsManager::Secret": Kind(
        _list("secretsmanager", "list_secrets", "SecretList", "ARN"),
        _end("secretsmanager", "delete_secret", "SecretId", ForceDeleteWithoutRecovery=True),
    ),
    "AWS::EC2::KeyPair": Kind(
        _list("ec2", "describe_key_pairs", "KeyPairs", "KeyName"),
        _end("ec2", "delete_key_pair", "KeyName"),
    ),
    "AWS::EC2::Volume": Kind(
        _list("ec2", "describe_volumes", "Volumes", "VolumeId"),
        _end("ec2", "delete_volume", "VolumeId"),
    ),
    "AWS::EC2::NetworkInterface": Kind(
        _list("ec2", "describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
        _end("ec2", "delete_network_interface", "NetworkInterfaceId"),
    ),
    "AWS::EC2::SecurityGroup": Kind(
        _list("ec2", "describe_security_groups", "SecurityGroups", "GroupId"), _end_group
    ),
    "AWS::EC2::RouteTable": Kind(
        _list("ec2", "describe_route_tables", "RouteTables", "RouteTableId"), _end_table
    ),
    "AWS::EC2::Subnet": Kind(
        _list("ec2", "describe_subnets", "Subnets", "SubnetId"),
        _end("ec2", "delete_subnet", "SubnetId"),
    ),
    "AWS::EC2::InternetGateway": Kind(
        _list("ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
        _end_gateway,
    ),
    "AWS::EC2::VPC": Kind(
        _list("ec2", "describe_vpcs", "Vpcs", "VpcId"), _end("ec2", "delete_vpc", "VpcId")
    ),
}
"""What stands on others first."""
