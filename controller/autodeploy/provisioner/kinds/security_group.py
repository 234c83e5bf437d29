"""Who may talk to a host."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from autodeploy.aws import Cloud
from autodeploy.aws.errors import is_gone
from autodeploy.errors import CloudError
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site, Step

if TYPE_CHECKING:
    from types_boto3_ec2.type_defs import IpPermissionUnionTypeDef

GROUPS = "UserIdGroupPairs"
SOURCES = {
    "IpRanges": "CidrIp",
    "Ipv6Ranges": "CidrIpv6",
    GROUPS: "GroupId",
    "PrefixListIds": "PrefixListId",
}
"""In AWS's answers: the list of each kind of source, and the field that names one."""


class Rule(NamedTuple):
    """One permission to come in.

    Attributes:
        source: A range, a prefix list, or a group: by its identifier, or by its logical name.
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

    def resolved(self, ids: Mapping[str, str]) -> Rule:
        """With the identifier of a group that is named logically, as far as it is known."""
        return self._replace(source=ids.get(self.source, self.source))

    def __str__(self) -> str:
        ports = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        protocol = "all protocols" if self.protocol == "-1" else f"{self.protocol} {ports}"
        return f"{protocol} from {self.source}"


@dataclass(frozen=True)
class SecurityGroup(Desired):
    """A security group of the VPC `vpc` that lets in exactly `ingress`, and everything out."""

    type = "AWS::EC2::SecurityGroup"
    id_field = "GroupId"
    deletion_seconds = 600  # a load balancer's network interfaces take minutes to go
    vpc: str
    ingress: frozenset[Rule]

    @classmethod
    def describe(cls, look: Look) -> Iterator[Mapping[str, Any]]:
        """See Desired."""
        return look.tagged("describe_security_groups", "SecurityGroups")

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

    @property
    def needs(self) -> tuple[str, ...]:
        """See Desired."""
        return (self.vpc, *sorted(one.source for one in self.ingress if one.kind == GROUPS))

    def lacks(self, found: Found, ids: Mapping[str, str]) -> list[Step]:
        """See Desired. Rules that nobody asked for are taken away: narrower first, then wider."""
        present = rules_of(found.record)
        asked = {one.resolved(ids) for one in self.ingress}
        steps = []
        if surplus := sorted(present - asked, key=str):
            reason = f"lets in {_listed(surplus)}, which nothing asks for"
            steps.append(Step(reason, lambda site: _revoke(site.cloud, found, surplus)))
        if missing := sorted(asked - present, key=str):
            reason = f"does not let in {_listed(missing)}"
            steps.append(Step(reason, lambda site: _authorise(site.cloud, found, missing)))
        return steps

    @classmethod
    def loosen(cls, cloud: Cloud, found: Found) -> None:
        """See Desired. A group that another one's rules name cannot be deleted."""
        for pair in (one for one in rules_of(found.record) if one.kind == GROUPS):
            try:
                _revoke(cloud, found, [pair])
            except CloudError as error:
                if not is_gone(error):
                    raise

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


def permissions(rules: Iterable[Rule]) -> list[IpPermissionUnionTypeDef]:
    """Rules as AWS's calls take them."""
    return [_permission(rule) for rule in rules]


def _listed(rules: Iterable[Rule]) -> str:
    return ", ".join(map(str, rules))


def _authorise(cloud: Cloud, found: Found, rules: Iterable[Rule]) -> None:
    cloud.ec2().authorize_security_group_ingress(GroupId=found.id, IpPermissions=permissions(rules))


def _revoke(cloud: Cloud, found: Found, rules: Iterable[Rule]) -> None:
    cloud.ec2().revoke_security_group_ingress(GroupId=found.id, IpPermissions=permissions(rules))


def _permission(rule: Rule) -> IpPermissionUnionTypeDef:
    ports = {} if rule.first is None else {"FromPort": rule.first, "ToPort": rule.last}
    source = {SOURCES[rule.kind]: rule.source}
    return {"IpProtocol": rule.protocol, rule.kind: [source], **ports}  # type: ignore[return-value]
