"""ElastiCache with real Redis servers: moto's backend, whose nodes are made and destroyed here."""

from __future__ import annotations

import hashlib
import logging
import uuid
from dataclasses import dataclass
from typing import Any, ClassVar

from moto.ec2.models import ec2_backends
from moto.elasticache.models import ElastiCacheBackend, ReplicationGroup, elasticache_backends

from autodeploy.errors import AutodeployError
from autodeploy.lab.authority import Authority
from autodeploy.lab.caches import redis
from autodeploy.lab.caches.node import Node
from autodeploy.lab.caches.whole import WholeElastiCacheBackend
from autodeploy.lab.databases import placement
from autodeploy.lab.databases.placement import Place
from autodeploy.lab.site import Site
from autodeploy.lab.vpcs import Vpcs

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Behind:
    """What is behind a replication group.

    Attributes:
        place: Its node's interface.
        node: The node.
    """

    place: Place
    node: Node


class LabElastiCacheBackend(WholeElastiCacheBackend):
    """An ElastiCache whose replication groups are one Redis each."""

    __module__ = ElastiCacheBackend.__module__  # moto finds a service's urls beside it

    site: ClassVar[Site]
    vpcs: ClassVar[Vpcs]

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._behind: dict[str, Behind] = {}

    def create_replication_group(self, *args: Any, **asked: Any) -> ReplicationGroup:
        """Begin to make one; it is `creating` until it answers."""
        group = super().create_replication_group(*args, **asked)
        name, endpoint = group.replication_group_id, self._endpoint(group)
        place = self._placed(group)
        spec = placement.host(f"cache-{uuid.uuid4().hex[:12]}", redis.IMAGE, place)
        node = Node(self.site, self.vpcs, spec, endpoint)
        self._behind[name] = Behind(place, node)
        group.status = "creating"
        for shard in group.node_groups:
            shard["primary_endpoint"] = None

        def ready() -> None:
            if group.status == "creating":
                group.node_groups[0]["primary_endpoint"] = {"address": endpoint, "port": redis.PORT}
                group.status = "available"

        def failed(error: AutodeployError | OSError) -> None:
            log.error("the cache %s: %s", name, error)
            if group.status != "deleting":
                group.status = "create-failed"

        node.create(asked["auth_token"], ready, failed)
        return group

    def regroup(self, identifier: str, groups: list[str]) -> None:
        """Put its node into other security groups."""
        super().regroup(identifier, groups)
        behind = self._behind[identifier]
        placement.regroup(behind.place, groups)
        behind.node.regroup(groups)

    def rotate(self, identifier: str, token: str) -> None:
        """Let its node take this token too."""
        super().rotate(identifier, token)
        self._behind[identifier].node.rotate(token)

    def delete_replication_group(
        self, replication_group_id: str, retain_primary_cluster: bool | None
    ) -> ReplicationGroup:
        """Begin to delete it; it is `deleting` until its host is gone."""
        group = ElastiCacheBackend.delete_replication_group(
            self, replication_group_id, retain_primary_cluster
        )
        behind = self._behind[replication_group_id]

        def done() -> None:
            placement.give_back(behind.place)
            self._behind.pop(replication_group_id, None)
            self.forget(group)

        behind.node.delete(done)
        return group

    def _endpoint(self, group: ReplicationGroup) -> str:
        """Its name: the part after its own is the account's in the region, as on AWS."""
        account = hashlib.sha256(f"{self.account_id}/{self.region_name}".encode()).hexdigest()[:6]
        area, side, number = self.region_name.split("-")[-3:]
        place = f"{account}.{area}{side[0]}{number}.cache.amazonaws.com"
        return f"master.{group.replication_group_id}.{place}"

    def _placed(self, group: ReplicationGroup) -> Place:
        ec2 = ec2_backends[self.account_id][self.region_name]
        (within,) = self.describe_cache_subnet_groups(group.cache_subnet_group_name)
        subnets = ec2.describe_subnets(subnet_ids=within.subnet_ids)
        groups = list(group.security_group_ids or ())
        name = f"ElastiCache {group.member_clusters[0]}"
        return placement.take(ec2, subnets, None, groups, None, name)


def install(site: Site, vpcs: Vpcs) -> None:
    """Make moto serve this backend; before its first call only."""
    Authority.of(site)
    LabElastiCacheBackend.site, LabElastiCacheBackend.vpcs = site, vpcs
    elasticache_backends.backend = LabElastiCacheBackend
