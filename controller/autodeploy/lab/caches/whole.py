"""moto's ElastiCache with what it lacks: nodes of replication groups, changes and deletions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.elasticache.exceptions import CacheSubnetGroupNotFound
from moto.elasticache.models import CacheSubnetGroup, ElastiCacheBackend, ReplicationGroup
from moto.elasticache.responses import ElastiCacheResponse


@dataclass
class Member:
    """A node of a replication group, as DescribeCacheClusters shows it."""

    group: ReplicationGroup
    cache_cluster_id: str
    arn: str
    groups: list[str]
    engine: str = "redis"
    num_cache_nodes: int = 1
    tags: list[dict[str, str]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        """What a node has of its group."""
        if name in {"cache_node_type", "replication_group_id", "cache_subnet_group_name"}:
            return getattr(self.group, name)
        if name in {"auth_token_enabled", "transit_encryption_enabled"}:
            return getattr(self.group, name)
        raise AttributeError(name)

    @property
    def cache_cluster_status(self) -> str:
        """The group's state."""
        return str(self.group.status)

    @property
    def security_groups(self) -> list[dict[str, str]]:
        """Its security groups."""
        return [{"security_group_id": one, "status": "active"} for one in self.groups]


class WholeElastiCacheBackend(ElastiCacheBackend):
    """moto's backend, whose replication groups have nodes and go when they are deleted."""

    __module__ = ElastiCacheBackend.__module__  # moto finds a service's urls beside it

    @property
    def url_paths(self) -> dict[str, Any]:
        """moto's, answered by our responses; for its server."""
        return dict.fromkeys(super().url_paths, WholeElastiCacheResponse.dispatch)

    @property
    def urls(self) -> dict[str, Any]:
        """The same; for moto in a process."""
        return dict.fromkeys(super().urls, WholeElastiCacheResponse.dispatch)

    def create_replication_group(self, *args: Any, **asked: Any) -> ReplicationGroup:
        """Make it, with its nodes."""
        group = super().create_replication_group(*args, **asked)
        groups = list(asked.get("security_group_ids") or ())
        for name in group.member_clusters:
            arn = f"arn:aws:elasticache:{self.region_name}:{self.account_id}:cluster:{name}"
            self.cache_clusters[name] = Member(group, name, arn, groups)
        return group

    def regroup(self, identifier: str, groups: list[str]) -> None:
        """Put its nodes into other security groups."""
        for name in self.replication_groups[identifier].member_clusters:
            self.cache_clusters[name].groups = groups

    def rotate(self, identifier: str, token: str) -> None:  # noqa: ARG002  moto keeps none
        """Let it take this token too."""
        self.replication_groups[identifier].auth_token_last_modified_date = utcnow()

    def delete_replication_group(
        self, replication_group_id: str, retain_primary_cluster: bool | None
    ) -> ReplicationGroup:
        """Delete it with its nodes."""
        group = super().delete_replication_group(replication_group_id, retain_primary_cluster)
        self.forget(group)
        return group

    def forget(self, group: ReplicationGroup) -> None:
        """Know nothing of it any more."""
        for name in group.member_clusters:
            self.cache_clusters.pop(name, None)
        self.replication_groups.pop(group.replication_group_id, None)
        self.tagging_service.delete_all_tags_for_resource(group.arn)

    def delete_cache_subnet_group(self, name: str) -> None:
        """Delete it."""
        group = self.cache_subnet_groups.pop(name, None)
        if group is None:
            raise CacheSubnetGroupNotFound(name)
        self.tagging_service.delete_all_tags_for_resource(group.arn)

    def modify_cache_subnet_group(self, name: str, subnets: list[str]) -> CacheSubnetGroup:
        """Put it over other subnets."""
        (old,) = self.describe_cache_subnet_groups(name)
        said = old.cache_subnet_group_description
        made = CacheSubnetGroup(self.account_id, self.region_name, name, said, subnets, old.tags)
        self.cache_subnet_groups[name] = made
        return made


class WholeElastiCacheResponse(ElastiCacheResponse):
    """moto's responses, with what they lack."""

    def modify_replication_group(self) -> ActionResult:
        """ModifyReplicationGroup: the security groups and the token too."""
        answer, name = super().modify_replication_group(), self._get_param("ReplicationGroupId")
        groups, token = self._get_param("SecurityGroupIds", []), self._get_param("AuthToken")
        if groups:
            self._whole.regroup(name, groups)
        if token:
            self._whole.rotate(name, token)
        return answer

    def delete_cache_subnet_group(self) -> ActionResult:
        """DeleteCacheSubnetGroup."""
        self._whole.delete_cache_subnet_group(self._get_param("CacheSubnetGroupName"))
        return EmptyResult()

    def modify_cache_subnet_group(self) -> ActionResult:
        """ModifyCacheSubnetGroup: its subnets."""
        name, subnets = self._get_param("CacheSubnetGroupName"), self._get_param("SubnetIds", [])
        group = self._whole.modify_cache_subnet_group(name, subnets)
        return ActionResult({"CacheSubnetGroup": group})

    @property
    def _whole(self) -> WholeElastiCacheBackend:
        backend = self.elasticache_backend
        assert isinstance(backend, WholeElastiCacheBackend)  # noqa: S101  # there are no others
        return backend
