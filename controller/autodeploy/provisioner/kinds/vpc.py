"""The application's own network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site


@dataclass(frozen=True)
class Vpc(Desired):
    """A VPC with one IPv4 range."""

    type = "AWS::EC2::VPC"
    id_field = "VpcId"
    cidr: str

    @classmethod
    def describe(cls, look: Look) -> Iterator[Mapping[str, Any]]:
        """See Desired. Those of others too: a range must be free."""
        for page in look.cloud.ec2().get_paginator("describe_vpcs").paginate():
            yield from page["Vpcs"]

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired."""
        intend()
        answer = site.cloud.ec2(retries=False).create_vpc(
            CidrBlock=self.cidr, TagSpecifications=site.owner.specification(self.key, "vpc")
        )
        return self.found(answer["Vpc"])

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired."""
        cloud.ec2().delete_vpc(VpcId=found.id)


def taken_ranges(found: Iterable[Found]) -> list[str]:
    """All IPv4 ranges of the VPCs among these."""
    vpcs = [one.record for one in found if one.type == Vpc.type]
    further = (vpc.get("CidrBlockAssociationSet", ()) for vpc in vpcs)
    return [one["CidrBlock"] for one in (*vpcs, *chain.from_iterable(further))]
