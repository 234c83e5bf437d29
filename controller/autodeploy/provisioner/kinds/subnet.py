"""One zone's part of the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site


@dataclass(frozen=True)
class Subnet(Desired):
    """A subnet of the VPC of the logical name `vpc`."""

    type = "AWS::EC2::Subnet"
    id_field = "SubnetId"
    vpc: str
    cidr: str
    zone: str

    @classmethod
    def describe(cls, look: Look) -> Iterator[Mapping[str, Any]]:
        """See Desired."""
        return look.in_network("describe_subnets", "Subnets")

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired."""
        intend()
        answer = site.cloud.ec2(retries=False).create_subnet(
            VpcId=site.ids[self.vpc],
            CidrBlock=self.cidr,
            AvailabilityZone=self.zone,
            TagSpecifications=site.owner.specification(self.key, "subnet"),
        )
        return self.found(answer["Subnet"])

    @property
    def needs(self) -> tuple[str, ...]:
        """See Desired."""
        return (self.vpc,)

    def conflict(self, found: Found) -> str | None:
        """See Desired."""
        wanted = {"CidrBlock": self.cidr, "AvailabilityZone": self.zone}
        differing = [
            f"{found.record[name]}, not {value}"
            for name, value in wanted.items()
            if found.record[name] != value
        ]
        return f"is in {' and '.join(differing)}" if differing else None

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired."""
        cloud.ec2().delete_subnet(SubnetId=found.id)


def available_zones(cloud: Cloud) -> list[str]:
    """The region's availability zones that can be used now, sorted."""
    answer = cloud.ec2().describe_availability_zones(
        Filters=[
            {"Name": "state", "Values": ["available"]},
            {"Name": "zone-type", "Values": ["availability-zone"]},
        ]
    )
    return sorted(zone["ZoneName"] for zone in answer["AvailabilityZones"])
