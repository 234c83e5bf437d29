"""Replication groups of ElastiCache and their subnet groups."""

from __future__ import annotations

import re
from typing import Any

from autodeploy.lab.api.protocol import Refusal
from autodeploy.lab.api.strict.account import Account
from autodeploy.lab.api.strict.rules import Parameters, Rule
from autodeploy.lab.caches.redis import VERSIONS

NAME = re.compile(r"(?=.{1,40}$)[a-z](-?[a-z0-9])*", re.IGNORECASE)
TOKEN = re.compile(r"[A-Za-z0-9!&#$^<>-]{16,128}")
NOT_VALID = (
    "Invalid AuthToken provided. Must be 16 to 128 printable characters, and no special ones but "
    "!, &, #, $, ^, <, >, and -."
)
TYPE = re.compile(
    r"cache\.((t3|t4g)\.(micro|small|medium)|(m|r)(5|6g|7g)\.(large|([248]|12|16)?xlarge))"
)


def create(account: Account, asked: Parameters) -> Refusal | None:
    """Everything that AWS looks at before it begins; then what the lab has not."""
    problem = _wrong(asked) or _not_there(account, asked)
    if problem:
        return problem
    plain = _combination("The lab's ElastiCache has groups of one node with TLS and a token only.")
    nodes, shards = asked.get("NumCacheClusters", 1), asked.get("NumNodeGroups", 1)
    replicas, mode = asked.get("ReplicasPerNodeGroup", 0), asked.get("ClusterMode", "disabled")
    is_plain = (nodes, shards, replicas, mode) == (1, 1, 0, "disabled")
    return None if is_plain and asked.get("AuthToken") else plain


def _wrong(asked: Parameters) -> Refusal | None:
    """What is not valid, whatever there is."""
    name, token = asked.get("ReplicationGroupId", ""), asked.get("AuthToken")
    version, engine = asked.get("EngineVersion"), asked.get("Engine", "redis")
    if not NAME.fullmatch(name):
        return _value("The parameter ReplicationGroupId is not a valid identifier.")
    if engine != "redis" or not _known(version):
        return _combination(f"Cannot find version {version} for {engine}")
    if not TYPE.fullmatch(asked.get("CacheNodeType", "")):
        return _value(f"Invalid Cache Node Type: {asked.get('CacheNodeType')}.")
    if token is not None and not asked.get("TransitEncryptionEnabled"):
        return _combination("AuthToken can be specified only if TransitEncryptionEnabled is true.")
    if token is not None and not TOKEN.fullmatch(token):
        return _value(NOT_VALID)
    if asked.get("AutomaticFailoverEnabled") and asked.get("NumCacheClusters", 1) < 2:
        return _combination("Automatic failover needs a replica: NumCacheClusters must be over 1.")
    return None


def _known(version: str | None) -> bool:
    return version is None or any(one.startswith(version) for one in VERSIONS)


def _not_there(account: Account, asked: Parameters) -> Refusal | None:
    """What it names and is not there, or not in its VPC."""
    name = asked.get("CacheSubnetGroupName", "")
    within = account.elasticache.cache_subnet_groups.get(name)
    if within is None:
        return Refusal(
            code="CacheSubnetGroupNotFoundFault",
            message=f"Cache Subnet Group {name or 'default'} does not exist.",
        )
    for id_ in asked.get("SecurityGroupIds", ()):
        group = account.group(id_)
        if group is None or group.vpc_id != within.vpc_id:
            return _value(f"Some security group ids are invalid: {id_} for {within.vpc_id}")
    return None


def modify(account: Account, asked: Parameters) -> Refusal | None:
    """What is available only; a token comes beside the one that there is."""
    token = asked.get("AuthToken")
    if token is not None and not TOKEN.fullmatch(token):
        return _value(NOT_VALID)
    if token is not None and asked.get("AuthTokenUpdateStrategy") != "ROTATE":
        return _combination("The lab's ElastiCache knows the strategy ROTATE only.")
    kind = asked.get("CacheNodeType")
    if kind is not None and not TYPE.fullmatch(kind):
        return _value(f"Invalid Cache Node Type: {kind}.")
    return _state(account.cache(asked.get("ReplicationGroupId")), {"available"})


def delete(account: Account, asked: Parameters) -> Refusal | None:
    """Not while it is being made or deleted."""
    return _state(account.cache(asked.get("ReplicationGroupId")), {"available", "create-failed"})


def tags(account: Account, asked: Parameters) -> Refusal | None:
    """Of what is available only."""
    arn = asked.get("ResourceName")
    found = next((one for one in account.caches() if one.arn == arn), None)
    return _state(found, {"available"})


def _state(group: Any, allowed: set[str]) -> Refusal | None:
    if group is None or group.status in allowed:
        return None
    return Refusal(
        code="InvalidReplicationGroupState",
        message=f"Replication group {group.replication_group_id} has status {group.status}, which "
        "is not valid for the requested operation.",
    )


def create_subnet_group(account: Account, asked: Parameters) -> Refusal | None:
    """Subnets that are there, of one VPC."""
    known = {one.id: one for zone in account.ec2.subnets.values() for one in zone.values()}
    for id_ in asked.get("SubnetIds", ()):
        if id_ not in known:
            message = f"The requested subnet {id_} cannot be found."
            return Refusal(code="InvalidSubnet", message=message)
    if len({known[one].vpc_id for one in asked.get("SubnetIds", ())}) > 1:
        return Refusal(code="InvalidSubnet", message="The subnets are not all in one VPC.")
    return None


def delete_subnet_group(account: Account, asked: Parameters) -> Refusal | None:
    """A replication group keeps it."""
    name = asked.get("CacheSubnetGroupName", "")
    if all(one.cache_subnet_group_name != name for one in account.caches()):
        return None
    return Refusal(
        code="CacheSubnetGroupInUse",
        message=f"Cache subnet group {name} is currently in use by a cache cluster.",
    )


def _value(message: str) -> Refusal:
    return Refusal(code="InvalidParameterValue", message=message)


def _combination(message: str) -> Refusal:
    return Refusal(code="InvalidParameterCombination", message=message)


RULES: dict[str, Rule] = {
    "elasticache:CreateReplicationGroup": create,
    "elasticache:ModifyReplicationGroup": modify,
    "elasticache:DeleteReplicationGroup": delete,
    "elasticache:ListTagsForResource": tags,
    "elasticache:CreateCacheSubnetGroup": create_subnet_group,
    "elasticache:ModifyCacheSubnetGroup": create_subnet_group,
    "elasticache:DeleteCacheSubnetGroup": delete_subnet_group,
}
