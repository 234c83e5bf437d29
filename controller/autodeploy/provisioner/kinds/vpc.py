"""The application's own network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
        """See Desired."""
        return look.tagged("describe_vpcs", "Vpcs")

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


def taken_ranges(cloud: Cloud) -> list[str]:
    """The IPv4 ranges of all VPCs in the region, whoever owns them."""
    pages = cloud.ec2().get_paginator("describe_vpcs").paginate()
    vpcs = [vpc for page in pages for vpc in page["Vpcs"]]
    further = [one["CidrBlock"] for vpc in vpcs for one in vpc.get("CidrBlockAssociationSet", ())]
    return [vpc["CidrBlock"] for vpc in vpcs] + further
