"""The security groups' rules against what the application needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.contracts import Contract, Finding, InfrastructureSpec

WORLD = frozenset({"0.0.0.0/0", "::/0"})
SSH = 22
GROUP = "AWS::EC2::SecurityGroup"


class Rule(Contract):
    """One ingress rule; `first` and `last` are TCP ports, 0 and 65535 for all."""

    group: str
    first: int
    last: int
    source: str


def ingress_rules(cloud: Cloud, spec: InfrastructureSpec) -> list[Rule]:
    """What the application's groups let in, asked of AWS: one rule a source and port range."""
    groups = [one.id for one in spec.resources if one.type == GROUP]
    if not groups:
        return []
    answer = cloud.ec2().describe_security_groups(GroupIds=groups)
    return [
        Rule(
            group=group["GroupId"],
            first=max(permission.get("FromPort", 0), 0),
            last=permission.get("ToPort", 65535) % 65536,
            source=source,
        )
        for group in answer["SecurityGroups"]
        for permission in group["IpPermissions"]
        for source in _sources(permission)
    ]


def _sources(permission: Any) -> list[str]:
    return [one["CidrIp"] for one in permission.get("IpRanges", ())] + [
        one["CidrIpv6"] for one in permission.get("Ipv6Ranges", ())
    ]


def review(rules: Iterable[Rule], needed: Iterable[int]) -> tuple[Finding, ...]:
    """What is open to the world and should not be, SSH worst of all."""
    allowed = frozenset(needed)
    return tuple(
        _finding(rule)
        for rule in rules
        if rule.source in WORLD and not (rule.first == rule.last and rule.first in allowed)
    )


def _finding(rule: Rule) -> Finding:
    ssh = rule.first <= SSH <= rule.last
    ports = str(rule.first) if rule.first == rule.last else f"{rule.first}-{rule.last}"
    return Finding(
        id="security-group-ssh-open" if ssh else "security-group-too-wide",
        severity="critical" if ssh else "high",
        resource=rule.group,
        message=f"TCP {ports} is open to {rule.source}, and the application does not need it",
    )
