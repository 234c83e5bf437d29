"""What a call needs to be allowed: its actions, on which resources, with which tags."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from autodeploy.lab.api.strict.account import Account
from autodeploy.lab.api.strict.iam import Asked, Values

Parameters = Mapping[str, Any]
EC2_ID = re.compile(r"^(?P<prefix>[a-z]+)-[0-9a-f]{8,17}$")
EC2_TYPES = {
    "ami": "image",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "i": "instance",
    "igw": "internet-gateway",
    "lt": "launch-template",
    "nat": "natgateway",
    "rtb": "route-table",
    "sg": "security-group",
    "snap": "snapshot",
    "subnet": "subnet",
    "vol": "volume",
    "vpc": "vpc",
}
# What an action makes has an ARN before it has an identifier.
EC2_MADE = {
    "AllocateAddress": "elastic-ip",
    "CreateInternetGateway": "internet-gateway",
    "CreateKeyPair": "key-pair",
    "CreateNatGateway": "natgateway",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateSubnet": "subnet",
    "CreateVolume": "volume",
    "CreateVpc": "vpc",
    "ImportKeyPair": "key-pair",
    "RunInstances": "instance",
}
# The action that tags in a creation need too.
TAGGING = {
    "ec2": "CreateTags",
    "elasticloadbalancing": "AddTags",
    "rds": "AddTagsToResource",
    "elasticache": "AddTagsToResource",
    "secretsmanager": "TagResource",
    "acm": "AddTagsToCertificate",
    "sns": "TagResource",
    "cloudwatch": "TagResource",
}
ONE_ZONE = {"DeleteHostedZone", "GetHostedZone", "UpdateHostedZoneComment"}
READING = ("Describe", "List", "Get")
# Actions that make a service take on its role, as in an account that has not had it yet.
SERVICE_ROLES = {
    "rds:CreateDBInstance": "rds.amazonaws.com",
    "rds:CreateDBSubnetGroup": "rds.amazonaws.com",
    "elasticache:CreateCacheSubnetGroup": "elasticache.amazonaws.com",
    "elasticache:CreateReplicationGroup": "elasticache.amazonaws.com",
    "elasticloadbalancing:CreateLoadBalancer": "elasticloadbalancing.amazonaws.com",
}
# Parameters that name a resource of another kind than the one that is checked.
NOT_CHECKED = {
    "CreateRoute": {"GatewayId", "NatGatewayId", "InstanceId", "NetworkInterfaceId"},
    "ReplaceRoute": {"GatewayId", "NatGatewayId", "InstanceId", "NetworkInterfaceId"},
}


def needed(account: Account, action: str, asked: Parameters) -> Iterator[Asked]:
    """Everything that must be allowed for a call, in the order in which AWS names it."""
    service, _, operation = action.partition(":")
    wanted = _tags_asked(asked)
    context = {
        **{f"aws:requesttag/{key.lower()}": (value,) for key, value in wanted.items()},
        "aws:tagkeys": tuple(wanted),
        "aws:requestedregion": (account.region,),
        "ec2:region": (account.region,),
    }
    resources = _resources(account, service, operation, asked)
    for resource, tags in resources:
        yield Asked(action=action, resource=resource, context={**context, **_tagged(tags)})
    if wanted and service in TAGGING and operation not in TAGGING.values():
        made = {**context, f"{service}:createaction": (operation,)}
        kind = EC2_MADE.get(operation)
        new = f"arn:aws:{service}:{account.region}:{account.id}:{kind}/*"
        resource = new if kind else resources[0][0]
        yield Asked(action=f"{service}:{TAGGING[service]}", resource=resource, context=made)
    yield from _implied(account, action, asked, context)


def _implied(
    account: Account, action: str, asked: Parameters, context: Mapping[str, Values]
) -> Iterator[Asked]:
    """What a service does in the caller's name."""
    here = f"{account.region}:{account.id}"
    service = SERVICE_ROLES.get(action)
    if service:
        role = f"arn:aws:iam::{account.id}:role/aws-service-role/{service}/AWSServiceRole"
        named = {**context, "iam:awsservicename": (service,)}
        yield Asked(action="iam:CreateServiceLinkedRole", resource=role, context=named)
    if action == "ec2:RunInstances" and asked.get("IamInstanceProfile"):
        role = f"arn:aws:iam::{account.id}:role/*"
        yield Asked(action="iam:PassRole", resource=role, context=context)
    if action == "rds:CreateDBInstance" and asked.get("ManageMasterUserPassword"):
        secret = f"arn:aws:secretsmanager:{here}:secret:rds!db-new"
        for name in ("CreateSecret", "TagResource"):
            yield Asked(action=f"secretsmanager:{name}", resource=secret, context={})
        key = f"arn:aws:kms:{here}:key/default"
        yield Asked(action="kms:DescribeKey", resource=key, context={})
    if action == "rds:DeleteDBInstance" and asked.get("FinalDBSnapshotIdentifier"):
        snapshot = f"arn:aws:rds:{here}:snapshot:{asked['FinalDBSnapshotIdentifier']}"
        yield Asked(action="rds:CreateDBSnapshot", resource=snapshot, context={})


def _tagged(tags: Mapping[str, str]) -> dict[str, Values]:
    names = ("aws:resourcetag", "ec2:resourcetag")
    return {f"{name}/{key.lower()}": (tags[key],) for key in tags for name in names}


def _tags_asked(asked: Parameters) -> dict[str, str]:
    specified = [tag for one in asked.get("TagSpecifications", ()) for tag in one.get("Tags", ())]
    plain = asked.get("Tags", ())
    tags = [*specified, *(plain if isinstance(plain, list) else ())]
    return {tag["Key"]: tag.get("Value", "") for tag in tags if "Key" in tag}


def _resources(
    account: Account, service: str, operation: str, asked: Parameters
) -> list[tuple[str, Mapping[str, str]]]:
    """The ARN and the tags of each resource that a call is about."""
    if service == "ec2" and operation.startswith(READING):
        return [("*", {})]
    found = list(_LOOKUPS.get(service, _by_arn)(account, operation, asked))
    return found or [("*", {})]


def _ec2(
    account: Account, operation: str, asked: Parameters
) -> Iterator[tuple[str, Mapping[str, str]]]:
    base = f"arn:aws:ec2:{account.region}:{account.id}"
    for name, value in asked.items():
        if name in NOT_CHECKED.get(operation, ()):
            continue
        for id_ in value if isinstance(value, list) else [value]:
            id_ = _table_of(account, id_) if name == "AssociationId" else id_
            known = EC2_ID.match(id_) if isinstance(id_, str) else None
            if known and known["prefix"] in EC2_TYPES:
                kind = EC2_TYPES[known["prefix"]]
                yield f"{base}:{kind}/{id_}", account.ec2.tags.get(id_, {})
    pair = account.ec2.key_pairs.get(asked.get("KeyName"))
    if pair is not None:
        tags = {tag["key"]: tag["value"] for tag in pair.get_tags()}
        yield f"{base}:key-pair/{pair.key_name}", tags
    if operation in EC2_MADE:
        yield f"{base}:{EC2_MADE[operation]}/*", {}


def _table_of(account: Account, association: Any) -> Any:
    """The route table that an association is about."""
    tables = account.ec2.route_tables.values()
    held = (one.id for one in tables if association in one.all_associations_ids)
    return next(held, association)


def _rds(
    account: Account, operation: str, asked: Parameters
) -> Iterator[tuple[str, Mapping[str, str]]]:
    del operation
    for member, kind, found in (
        ("DBInstanceIdentifier", "db", account.rds.databases),
        ("DBSnapshotIdentifier", "snapshot", account.rds.database_snapshots),
        ("DBSubnetGroupName", "subgrp", account.rds.subnet_groups),
    ):
        name = asked.get(member)
        if name:
            known = found.get(name)
            tags = {tag["Key"]: tag["Value"] for tag in known.get_tags()} if known else {}
            yield f"arn:aws:rds:{account.region}:{account.id}:{kind}:{name}", tags


def _elasticache(
    account: Account, operation: str, asked: Parameters
) -> Iterator[tuple[str, Mapping[str, str]]]:
    del operation
    base = f"arn:aws:elasticache:{account.region}:{account.id}"
    tags_of = account.elasticache.tagging_service.get_tag_dict_for_resource
    for member, kind in (
        ("ReplicationGroupId", "replicationgroup"),
        ("CacheSubnetGroupName", "subnetgroup"),
        ("CacheClusterId", "cluster"),
    ):
        if asked.get(member):
            arn = f"{base}:{kind}:{asked[member]}"
            yield arn, tags_of(arn)
    if asked.get("ResourceName"):
        yield asked["ResourceName"], tags_of(asked["ResourceName"])


def _secrets(
    account: Account, operation: str, asked: Parameters
) -> Iterator[tuple[str, Mapping[str, str]]]:
    del operation
    wanted = asked.get("SecretId") or asked.get("Name")
    for secret in account.secrets.secrets.values():
        if wanted in {secret.name, secret.arn}:
            yield secret.arn, {tag["Key"]: tag["Value"] for tag in secret.tags or ()}
            return
    if isinstance(wanted, str):
        base = f"arn:aws:secretsmanager:{account.region}:{account.id}:secret"
        yield wanted if wanted.startswith("arn:") else f"{base}:{wanted}", {}


def _certificates(
    account: Account, operation: str, asked: Parameters
) -> Iterator[tuple[str, Mapping[str, str]]]:
    del operation
    for one in account.acm.list_certificates([], {}):
        if one.arn == asked.get("CertificateArn"):
            yield one.arn, one.tags


def _zones(
    account: Account, operation: str, asked: Parameters
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """A zone, whichever: its name is in the path, which nobody reads here."""
    del account, asked
    if "ResourceRecordSets" in operation or operation in ONE_ZONE:
        yield "arn:aws:route53:::hostedzone/some", {}


def _ssm(
    account: Account, operation: str, asked: Parameters
) -> Iterator[tuple[str, Mapping[str, str]]]:
    del operation
    for name in [asked.get("Name"), *asked.get("Names", ())]:
        if isinstance(name, str):
            owner = "" if name.startswith("/aws/") else account.id
            yield f"arn:aws:ssm:{account.region}:{owner}:parameter/{name.lstrip('/')}", {}


def _topics(
    account: Account, operation: str, asked: Parameters
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The topic that a call names; IAM knows no subscriptions."""
    del operation
    name = f"arn:aws:sns:{account.region}:{account.id}:{asked.get('Name')}"
    arn = asked.get("TopicArn") or asked.get("ResourceArn") or ("Name" in asked and name)
    if arn:
        known = account.sns.topics.get(arn)
        yield arn, known._tags if known else {}  # noqa: SLF001  moto's only view


def _alarms(
    account: Account, operation: str, asked: Parameters
) -> Iterator[tuple[str, Mapping[str, str]]]:
    if operation.startswith("Describe"):
        return
    base = f"arn:aws:cloudwatch:{account.region}:{account.id}:alarm:"
    names = [*asked.get("AlarmNames", ()), *filter(None, [asked.get("AlarmName")])]
    for arn in [asked["ResourceARN"]] if "ResourceARN" in asked else [base + one for one in names]:
        yield arn, account.cloudwatch.tagger.get_tag_dict_for_resource(arn)


def _by_arn(
    account: Account, operation: str, asked: Parameters
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The ARNs that a call names itself; load balancers' tags are known."""
    del operation
    for value in asked.values():
        for arn in value if isinstance(value, list) else [value]:
            if isinstance(arn, str) and arn.startswith("arn:"):
                yield arn, account.elbv2.tagging_service.get_tag_dict_for_resource(arn)


_LOOKUPS = {
    "acm": _certificates,
    "cloudwatch": _alarms,
    "ec2": _ec2,
    "rds": _rds,
    "elasticache": _elasticache,
    "route53": _zones,
    "secretsmanager": _secrets,
    "sns": _topics,
    "ssm": _ssm,
}
