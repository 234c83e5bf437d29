"""Everything that exists, and taking it away: for tests that compare before and after."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from moto.acm.models import acm_backends
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.base_backend import BackendDict
from moto.core.exceptions import ServiceException
from moto.ec2.models import ec2_backends
from moto.elasticache.models import elasticache_backends
from moto.elbv2.models import elbv2_backends
from moto.iam.models import iam_backends
from moto.rds.models import rds_backends
from moto.route53.models import route53_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends
from moto.ssm.models import ssm_backends
from werkzeug.exceptions import HTTPException

from autodeploy.lab.api.strict.account import ENDED

log = logging.getLogger(__name__)

Named = Iterator[tuple[str, Mapping[str, str]]]
AWS_OWN = "/aws/"


def _vpcs(ec2: Any) -> list[Any]:
    return [one for one in ec2.vpcs.values() if str(one.is_default).lower() != "true"]


def _within(ec2: Any, found: Iterable[Any]) -> list[Any]:
    """What lies in a VPC that AWS did not make by itself."""
    ours = {one.id for one in _vpcs(ec2)}
    return [one for one in found if one.vpc_id in ours]


def _subnets(ec2: Any) -> list[Any]:
    return _within(ec2, [one for zone in ec2.subnets.values() for one in zone.values()])


def _groups(ec2: Any) -> list[Any]:
    found = [one for each in ec2.groups.values() for one in each.values()]
    return [one for one in found if one.name != "default"]


def _tables(ec2: Any) -> list[Any]:
    found = _within(ec2, ec2.route_tables.values())
    return [one for one in found if one.main_association_id is None]


def _gateways(ec2: Any) -> list[Any]:
    ours = {one.id for one in _vpcs(ec2)}
    found = ec2.internet_gateways.values()
    return [one for one in found if one.vpc is None or one.vpc.id in ours]


def _instances(ec2: Any) -> list[Any]:
    found = [one for each in ec2.reservations.values() for one in each.instances]
    return [one for one in found if one.state not in ENDED]


EC2: dict[str, Callable[[Any], Iterable[Any]]] = {
    "AWS::EC2::VPC": _vpcs,
    "AWS::EC2::Subnet": _subnets,
    "AWS::EC2::InternetGateway": _gateways,
    "AWS::EC2::RouteTable": _tables,
    "AWS::EC2::SecurityGroup": _groups,
    "AWS::EC2::Instance": _instances,
    "AWS::EC2::KeyPair": lambda ec2: ec2.key_pairs.values(),
    "AWS::EC2::Volume": lambda ec2: ec2.volumes.values(),
    "AWS::EC2::Snapshot": lambda ec2: [one for one in ec2.snapshots.values() if not one.from_ami],
    "AWS::EC2::EIP": lambda ec2: ec2.addresses,
    "AWS::EC2::NatGateway": lambda ec2: [
        one for one in ec2.nat_gateways.values() if one.state != "deleted"
    ],
    "AWS::EC2::LaunchTemplate": lambda ec2: ec2.launch_templates.values(),
}


def _ec2(kind: str) -> Callable[[Any], Named]:
    def named(ec2: Any) -> Named:
        for one in EC2[kind](ec2):
            yield one.id, {tag["key"]: tag["value"] for tag in one.get_tags()}

    return named


def _balancers(member: str) -> Callable[[Any], Named]:
    def named(elbv2: Any) -> Named:
        for arn in getattr(elbv2, member):
            yield arn, elbv2.tagging_service.get_tag_dict_for_resource(arn)

    return named


def _listeners(elbv2: Any) -> Named:
    for balancer in elbv2.load_balancers.values():
        for arn in balancer.listeners:
            yield arn, elbv2.tagging_service.get_tag_dict_for_resource(arn)


def _databases(member: str) -> Callable[[Any], Named]:
    def named(rds: Any) -> Named:
        for name, one in getattr(rds, member).items():
            if not name.startswith("default"):
                yield name, {tag["Key"]: tag["Value"] for tag in one.get_tags()}

    return named


def _caches(member: str) -> Callable[[Any], Named]:
    def named(elasticache: Any) -> Named:
        for name, one in getattr(elasticache, member).items():
            yield name, elasticache.tagging_service.get_tag_dict_for_resource(one.arn)

    return named


def _secrets(secrets: Any) -> Named:
    for one in secrets.secrets.values():
        if not one.is_deleted():
            yield one.arn, {tag["Key"]: tag["Value"] for tag in one.tags or ()}


def _certificates(acm: Any) -> Named:
    for one in acm.list_certificates([], {}):
        yield one.arn, {key: value or "" for key, value in one.tags.items()}


def _parameters(ssm: Any) -> Named:
    for name in ssm._parameters:  # noqa: SLF001  moto's only view without a page
        if not name.startswith(AWS_OWN) and ssm._parameters[name]:  # noqa: SLF001
            yield name, {}


def _roles(iam: Any) -> Named:
    for one in iam.roles.values():
        yield one.arn, {tag["Key"]: tag["Value"] for tag in one.tags or ()}


def _profiles(iam: Any) -> Named:
    for one in iam.instance_profiles.values():
        yield one.arn, {}


def _topics(sns: Any) -> Named:
    for arn, one in sns.topics.items():
        yield arn, one._tags  # noqa: SLF001  moto's only view


def _subscriptions(sns: Any) -> Named:
    for arn in sns.subscriptions:
        yield arn, {}


def _alarms(cloudwatch: Any) -> Named:
    for one in cloudwatch.alarms.values():
        yield one.name, cloudwatch.tagger.get_tag_dict_for_resource(one.alarm_arn)


def _zones(route53: Any) -> Named:
    for id_ in route53.zones:
        yield id_, route53.list_tags_for_resource(id_)


def _records(route53: Any) -> Named:
    for id_, zone in route53.zones.items():
        for one in zone.rrsets:
            yield f"{id_} {one.type} {one.name}", {}


KINDS: dict[str, tuple[Any, Callable[[Any], Named]]] = {
    **{kind: (ec2_backends, _ec2(kind)) for kind in EC2},
    "AWS::ElasticLoadBalancingV2::LoadBalancer": (elbv2_backends, _balancers("load_balancers")),
    "AWS::ElasticLoadBalancingV2::TargetGroup": (elbv2_backends, _balancers("target_groups")),
    "AWS::ElasticLoadBalancingV2::Listener": (elbv2_backends, _listeners),
    "AWS::RDS::DBInstance": (rds_backends, _databases("databases")),
    "AWS::RDS::DBSnapshot": (rds_backends, _databases("database_snapshots")),
    "AWS::RDS::DBSubnetGroup": (rds_backends, _databases("subnet_groups")),
    "AWS::RDS::DBParameterGroup": (rds_backends, _databases("db_parameter_groups")),
    "AWS::ElastiCache::ReplicationGroup": (elasticache_backends, _caches("replication_groups")),
    "AWS::ElastiCache::SubnetGroup": (elasticache_backends, _caches("cache_subnet_groups")),
    "AWS::SecretsManager::Secret": (secretsmanager_backends, _secrets),
    "AWS::CertificateManager::Certificate": (acm_backends, _certificates),
    "AWS::Route53::HostedZone": (route53_backends, _zones),
    "AWS::Route53::RecordSet": (route53_backends, _records),
    "AWS::SNS::Topic": (sns_backends, _topics),
    "AWS::SNS::Subscription": (sns_backends, _subscriptions),
    "AWS::CloudWatch::Alarm": (cloudwatch_backends, _alarms),
    "AWS::SSM::Parameter": (ssm_backends, _parameters),
    "AWS::IAM::Role": (iam_backends, _roles),
    "AWS::IAM::InstanceProfile": (iam_backends, _profiles),
}


def census() -> list[dict[str, Any]]:
    """Everything that somebody has made, in order; behind `OneAtATime` only."""
    found = [
        {"kind": kind, "id": id_, "region": region, "tags": dict(sorted(tags.items()))}
        for kind, (backends, named) in KINDS.items()
        for _, region, backend in list(backends.iter_backends())
        for id_, tags in named(backend)
    ]
    return sorted(found, key=lambda one: (one["kind"], one["region"], one["id"]))


def forget(destroy: Callable[[Any], None]) -> None:
    """Take everything away, what stands behind it first; behind `OneAtATime` only.

    Args:
        destroy: What ends the host behind an instance, if there is one still.
    """
    for rds in _all(rds_backends):
        for name, database in list(rds.databases.items()):
            database.deletion_protection = False
            _try(rds.delete_db_instance, name, skip_final_snapshot=True)
    for elasticache in _all(elasticache_backends):
        for name in list(elasticache.replication_groups):
            _try(elasticache.delete_replication_group, name, retain_primary_cluster=False)
    for elbv2 in _all(elbv2_backends):
        for arn in list(elbv2.load_balancers):
            _try(elbv2.delete_load_balancer, arn)
    for ec2 in _all(ec2_backends):
        for instance in _instances(ec2):
            instance.disable_api_termination = False
            _try(ec2.terminate_instances, [instance.id])
            destroy(instance)
        _forget_networks(ec2)
    _forget_zones()
    BackendDict.reset()


def _forget_networks(ec2: Any) -> None:
    """A backend of ours may have made something of a VPC, which goes with it."""
    for subnet in _subnets(ec2):
        _try(ec2.delete_subnet, subnet.id)
    for gateway in _gateways(ec2):
        if gateway.vpc:
            _try(ec2.detach_internet_gateway, gateway.id, gateway.vpc.id)
    for table in _tables(ec2):
        table._associations.clear()  # noqa: SLF001  moto's only view
        _try(ec2.delete_route_table, table.id)
    for vpc in _vpcs(ec2):
        _try(ec2.delete_vpc, vpc.id)


def _forget_zones() -> None:
    for route53 in _all(route53_backends):
        for id_, zone in list(route53.zones.items()):
            zone.rrsets.clear()
            _try(route53.delete_hosted_zone, id_)


def _try(call: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """What moto cannot take away by itself goes with the rest of the account."""
    try:
        call(*args, **kwargs)
    except (ServiceException, HTTPException):
        log.exception("%s %s", call.__name__, args)


def _all(backends: Any) -> list[Any]:
    return [backend for _, _, backend in backends.iter_backends()]
