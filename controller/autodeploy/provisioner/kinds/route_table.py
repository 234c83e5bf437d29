"""Where a subnet's packets go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.aws.errors import is_gone
from autodeploy.errors import CloudError
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site, Step

EVERYWHERE = "0.0.0.0/0"


@dataclass(frozen=True)
class RouteTable(Desired):
    """A route table of the VPC `vpc` for `subnets`.

    Attributes:
        gateway: Logical name of the gateway for all that is elsewhere; None for no way out.
    """

    type = "AWS::EC2::RouteTable"
    id_field = "RouteTableId"
    vpc: str
    subnets: tuple[str, ...]
    gateway: str | None

    @classmethod
    def describe(cls, look: Look) -> Iterator[Mapping[str, Any]]:
        """See Desired."""
        return look.in_network("describe_route_tables", "RouteTables")

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired."""
        intend()
        answer = site.cloud.ec2(retries=False).create_route_table(
            VpcId=site.ids[self.vpc],
            TagSpecifications=site.owner.specification(self.key, "route-table"),
        )
        return self.found(answer["RouteTable"])

    @property
    def needs(self) -> tuple[str, ...]:
        """See Desired."""
        return (self.vpc, *self.subnets, *([self.gateway] if self.gateway else []))

    def lacks(self, found: Found, ids: Mapping[str, str]) -> list[Step]:
        """See Desired."""
        steps = []
        if self.gateway and _default_target(found) != ids.get(self.gateway, "none"):
            steps.append(Step("has no route to the gateway", lambda site: self._route(site, found)))
        associated = {one.get("SubnetId") for one in found.record.get("Associations", ())}
        unassociated = [one for one in self.subnets if ids.get(one, "none") not in associated]
        return steps + [self._association(found, one) for one in unassociated]

    def _route(self, site: Site, found: Found) -> None:
        ec2 = site.cloud.ec2()
        # A default route that leads elsewhere (a deleted gateway's) cannot be created over.
        call = ec2.replace_route if _default_target(found) else ec2.create_route
        gateway = site.ids[self.gateway or ""]
        call(RouteTableId=found.id, DestinationCidrBlock=EVERYWHERE, GatewayId=gateway)

    @staticmethod
    def _association(found: Found, subnet: str) -> Step:
        return Step(
            f"is not {subnet}'s",
            lambda site: site.cloud.ec2().associate_route_table(
                RouteTableId=found.id, SubnetId=site.ids[subnet]
            ),
        )

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired."""
        ec2 = cloud.ec2()
        for association in found.record.get("Associations", ()):
            try:
                ec2.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])
            except CloudError as error:
                if not is_gone(error):
                    raise
        ec2.delete_route_table(RouteTableId=found.id)


def _default_target(found: Found) -> str | None:
    """Where the default route leads; None where there is none."""
    for route in found.record.get("Routes", ()):
        if route.get("DestinationCidrBlock") == EVERYWHERE:
            return str(route.get("GatewayId", "elsewhere"))
    return None
