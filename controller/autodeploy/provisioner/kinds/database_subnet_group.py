"""Where a managed database may stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.provisioner.kinds.base import Found, Intend, Look, Site
from autodeploy.provisioner.kinds.subnet_group import SubnetGroup, subnets_of
from autodeploy.provisioner.owner import tags_of

KEY = "database-subnet-group"


@dataclass(frozen=True)
class DatabaseSubnetGroup(SubnetGroup):
    """A DB subnet group over `subnets`, in two zones at least; an application has one."""

    type = "AWS::RDS::DBSubnetGroup"
    id_field = "DBSubnetGroupName"

    @classmethod
    def describe(cls, look: Look) -> Iterator[Mapping[str, Any]]:
        """See Desired."""
        for page in look.cloud.rds().get_paginator("describe_db_subnet_groups").paginate():
            yield from page["DBSubnetGroups"]

    @classmethod
    def belongs(cls, look: Look, record: Mapping[str, Any]) -> bool:
        """See Desired. Its tags take a further read: where it lies in our subnets, none is made."""
        if record["DBSubnetGroupName"] != look.owner.short_name:
            return False
        if subnets_of(record) & look.ours:
            return True
        arn = record["DBSubnetGroupArn"]
        return look.owner.owns(tags_of(look.cloud.rds().list_tags_for_resource(ResourceName=arn)))

    @classmethod
    def found(cls, record: Mapping[str, Any]) -> Found:
        """See Desired. RDS describes it without its tags."""
        return Found(KEY, cls.type, record["DBSubnetGroupName"], record)

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired."""
        intend()
        owner = site.owner
        answer = site.cloud.rds(retries=False).create_db_subnet_group(
            DBSubnetGroupName=owner.short_name,
            DBSubnetGroupDescription=f"{self.key} of {owner.application} in {owner.environment}",
            SubnetIds=[site.ids[one] for one in self.subnets],
            Tags=owner.tags(self.key),  # type: ignore[arg-type]
        )
        return self.found(answer["DBSubnetGroup"])

    @property
    def needs(self) -> tuple[str, ...]:
        """See Desired."""
        return self.subnets

    def modify(self, site: Site, found: Found) -> None:
        """See SubnetGroup."""
        site.cloud.rds().modify_db_subnet_group(
            DBSubnetGroupName=found.id, SubnetIds=[site.ids[one] for one in self.subnets]
        )

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired."""
        cloud.rds().delete_db_subnet_group(DBSubnetGroupName=found.id)
