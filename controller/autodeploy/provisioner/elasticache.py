"""What ElastiCache says of a replication group, and what that means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.aws.errors import is_gone
from autodeploy.errors import CloudError, ResourceFailed

FAILED = "create-failed"
EVENTS = "aws elasticache describe-events --source-type replication-group --source-identifier"


def described(cloud: Cloud, identifier: str) -> dict[str, Any] | None:
    """A group's description, with that of its node as `Node`; None where there is no such group.

    Only nodes say which security groups they are in.

    Raises:
        CloudError: AWS could not be asked.
    """
    client = cloud.elasticache()
    try:
        groups = client.describe_replication_groups(ReplicationGroupId=identifier)
    except CloudError as error:
        if is_gone(error):
            return None
        raise
    (group,) = groups["ReplicationGroups"]
    return {**group, "Node": _node(cloud, group)}


def _node(cloud: Cloud, group: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its node; nothing where there is none yet, or any more."""
    for name in group.get("MemberClusters", ()):
        try:
            found = cloud.elasticache().describe_cache_clusters(CacheClusterId=name)
        except CloudError as error:
            if is_gone(error):
                return {}
            raise
        return found["CacheClusters"][0]
    return {}


def is_available(record: Mapping[str, Any]) -> bool:
    """Whether it can be used.

    Raises:
        ResourceFailed: It never will be.
    """
    if record["Status"] == FAILED:
        identifier = record["ReplicationGroupId"]
        raise ResourceFailed(
            f"the cache {identifier} could not be made",
            remediation=f"`{EVENTS} {identifier}` says why: mend that, then deploy again, which "
            "makes another in its place.",
        )
    is_changing = bool(record.get("PendingModifiedValues", {}).get("AuthTokenStatus"))
    has_address = bool(endpoint(record).get("Address"))
    return record["Status"] == "available" and has_address and not is_changing


def endpoint(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where it answers, `Address` and `Port`; nothing while that is not known."""
    shards = record.get("NodeGroups") or [{}]
    found: Mapping[str, Any] = shards[0].get("PrimaryEndpoint") or {}
    return found


def groups_of(record: Mapping[str, Any]) -> set[str]:
    """The security groups that it is in, or soon will be."""
    memberships = record["Node"].get("SecurityGroups", ())
    return {one["SecurityGroupId"] for one in memberships if one.get("Status") != "removing"}
