"""Who may talk to a host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from autodeploy.aws import Cloud
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Site, Step
from autodeploy.provisioner.owner import Owner

if TYPE_CHECKING:
    from types_boto3_ec2.type_defs import IpPermissionUnionTypeDef

SOURCES = {
    "IpRanges": "CidrIp",
    "Ipv6Ranges": "CidrIpv6",
    "UserIdGroupPairs": "GroupId",
    "PrefixListIds": "PrefixListId",
}
"""In AWS's answers: the list of each kind of source, and the field that names one."""


class Rule(NamedTuple):
    """One permission to come in.

    Attributes:
        source: A range, a group or a prefix list.
        kind: The list of AWS's answers that the source stands in.
        protocol: `tcp`, or what else AWS has; `-1` is everything.
        first: The first port; None where the protocol has none.
        last: The last port.
    """

    source: str
    first: int | None
    last: int | None
    protocol: str = "tcp"
    kind: str = "IpRanges"

    def __str__(self) -> str:
        ports = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        protocol = "all protocols" if self.protocol == "-1" else f"{self.protocol} {ports}"
        return f"{protocol} from {self.source}"


@dataclass(frozen=True)
class SecurityGroup(Desired):
    """A security group of the VPC `vpc` that lets in exactly `ingress`, and everything out."""

    type = "AWS::EC2::SecurityGroup"
    id_field = "GroupId"
    vpc: str
    ingress: frozenset[Rule]

    @classmethod
    def describe(cls, cloud: Cloud, owner: Owner) -> Iterator[Mapping[str, Any]]:
        """See Desired."""
        pages = cloud.ec2().get_paginator("describe_security_groups")
        for page in pages.paginate(Filters=owner.filters):
            yield from page["SecurityGroups"]

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired."""
        intend()
        owner = site.owner
        answer = site.cloud.ec2(retries=False).create_security_group(
            GroupName=f"{owner.name}.{self.key}",
            Description=f"{self.key} of {owner.application} in {owner.environment}",
            VpcId=site.ids[self.vpc],
            TagSpecifications=owner.specification(self.key, "security-group"),
        )
        # The answer has the id alone: a new group lets nothing in.
        return Found(self.key, self.type, answer["GroupId"], {"IpPermissions": []})

    def lacks(self, found: Found, ids: Mapping[str, str]) -> list[Step]:  # noqa: ARG002
        """See Desired. Rules that nobody asked for are taken away: narrower first, then wider."""
        present = rules_of(found.record)
        surplus = [_revocation(found, rule) for rule in sorted(present - self.ingress, key=str)]
        missing = [_authorisation(found, rule) for rule in sorted(self.ingress - present, key=str)]
        return surplus + missing

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired."""
        cloud.ec2().delete_security_group(GroupId=found.id)


def rules_of(record: Mapping[str, Any]) -> set[Rule]:
    """Every rule for what comes in, in AWS's description of a group."""
    return {
        Rule(
            source=source[name],
            first=permission.get("FromPort"),
            last=permission.get("ToPort"),
            protocol=permission["IpProtocol"],
            kind=kind,
        )
        for permission in record.get("IpPermissions", ())
        for kind, name in SOURCES.items()
        for source in permission.get(kind, ())
    }


def _authorisation(found: Found, rule: Rule) -> Step:
    return Step(
        f"does not let in {rule}",
        lambda site: site.cloud.ec2().authorize_security_group_ingress(
            GroupId=found.id, IpPermissions=[_permission(rule)]
        ),
    )


def _revocation(found: Found, rule: Rule) -> Step:
    return Step(
        f"lets in {rule}, which nothing asks for",
        lambda site: site.cloud.ec2().revoke_security_group_ingress(
            GroupId=found.id, IpPermissions=[_permission(rule)]
        ),
    )


def _permission(rule: Rule) -> IpPermissionUnionTypeDef:
    ports = {} if rule.first is None else {"FromPort": rule.first, "ToPort": rule.last}
    source = {SOURCES[rule.kind]: rule.source}
    return {"IpProtocol": rule.protocol, rule.kind: [source], **ports}  # type: ignore[return-value]
