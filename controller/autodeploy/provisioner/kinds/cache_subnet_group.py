"""Where a managed Redis may stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.aws.errors import is_gone
from autodeploy.errors import CloudError
from autodeploy.provisioner.kinds.base import Found, Intend, Look, Site
from autodeploy.provisioner.kinds.secret import CACHE_GROUP
from autodeploy.provisioner.kinds.subnet_group import SubnetGroup, subnets_of
from autodeploy.provisioner.owner import tags_of

KEY = "cache-subnet-group"


@dataclass(frozen=True)
class CacheSubnetGroup(SubnetGroup):
    """A cache subnet group over `subnets`; an application has one.

    Attributes:
        after: Logical names of what else must be there before it.
    """

    type = "AWS::ElastiCache::SubnetGroup"
    id_field = "CacheSubnetGroupName"
    after: tuple[str, ...]

    @classmethod
    def describe(cls, look: Look) -> Iterator[Mapping[str, Any]]:
        """See Desired. It is asked for by its name."""
        if not look.ever_had(CACHE_GROUP):
            return
        client, name = look.cloud.elasticache(), look.owner.short_name
        try:
            answer = client.describe_cache_subnet_groups(CacheSubnetGroupName=name)
        except CloudError as error:
            if not is_gone(error):
                raise
        else:
            yield from answer["CacheSubnetGroups"]

    @classmethod
    def belongs(cls, look: Look, record: Mapping[str, Any]) -> bool:
        """See Desired. Its tags take a further read: where it lies in our subnets, none is made."""
        if subnets_of(record) & look.ours:
            return True
        arn = record["ARN"]
        tags = look.cloud.elasticache().list_tags_for_resource(ResourceName=arn)
        return look.owner.owns(tags_of(tags))

    @classmethod
    def found(cls, record: Mapping[str, Any]) -> Found:
        """See Desired. ElastiCache describes it without its tags."""
        return Found(KEY, cls.type, record["CacheSubnetGroupName"], record)

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired."""
        intend()
        owner = site.owner
        answer = site.cloud.elasticache(retries=False).create_cache_subnet_group(
            CacheSubnetGroupName=owner.short_name,
            CacheSubnetGroupDescription=f"{self.key} of {owner.application} in {owner.environment}",
            SubnetIds=[site.ids[one] for one in self.subnets],
            Tags=owner.tags(self.key),  # type: ignore[arg-type]
        )
        return self.found(answer["CacheSubnetGroup"])

    @property
    def needs(self) -> tuple[str, ...]:
        """See Desired."""
        return (*self.subnets, *self.after)

    def modify(self, site: Site, found: Found) -> None:
        """See SubnetGroup."""
        site.cloud.elasticache().modify_cache_subnet_group(
            CacheSubnetGroupName=found.id, SubnetIds=[site.ids[one] for one in self.subnets]
        )

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired."""
        cloud.elasticache().delete_cache_subnet_group(CacheSubnetGroupName=found.id)
