"""The network's way to the world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.errors import CloudError
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site, Step

NOT_ATTACHED = "Gateway.NotAttached"


@dataclass(frozen=True)
class InternetGateway(Desired):
    """An internet gateway, attached to the VPC of the logical name `vpc`."""

    type = "AWS::EC2::InternetGateway"
    id_field = "InternetGatewayId"
    vpc: str

    @classmethod
    def describe(cls, look: Look) -> Iterator[Mapping[str, Any]]:
        """See Desired."""
        return look.tagged("describe_internet_gateways", "InternetGateways")

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired."""
        intend()
        tags = site.owner.specification(self.key, "internet-gateway")
        answer = site.cloud.ec2(retries=False).create_internet_gateway(TagSpecifications=tags)
        return self.found(answer["InternetGateway"])

    @property
    def needs(self) -> tuple[str, ...]:
        """See Desired."""
        return (self.vpc,)

    def lacks(self, found: Found, ids: Mapping[str, str]) -> list[Step]:
        """See Desired."""
        attached = [one.get("VpcId") for one in found.record.get("Attachments", ())]
        if ids.get(self.vpc) in attached:
            return []
        return [Step("is not attached to the VPC", lambda site: self._attach(site, found))]

    def _attach(self, site: Site, found: Found) -> None:
        site.cloud.ec2().attach_internet_gateway(
            InternetGatewayId=found.id, VpcId=site.ids[self.vpc]
        )

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired."""
        ec2 = cloud.ec2()
        for attachment in found.record.get("Attachments", ()):
            try:
                ec2.detach_internet_gateway(InternetGatewayId=found.id, VpcId=attachment["VpcId"])
            except CloudError as error:
                if error.code != NOT_ATTACHED:
                    raise
        ec2.delete_internet_gateway(InternetGatewayId=found.id)
