"""The security groups' rules against what the application needs.

Those of our own groups that nothing asks for the Provisioner takes away whenever it looks, as plans
show. What is left is somebody else's group that hosts are in too, or was let in since: it is told.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.contracts import Contract, Finding, InfrastructureSpec, TopicReport
from autodeploy.contracts.security import SEVERITIES, Severity
from autodeploy.words import number_of

NETWORK = "network"
NO_CLOUD = "security groups: no cloud's stand before the hosts"
GROUP = "AWS::EC2::SecurityGroup"
SSH, LAST = 22, 65535
EVERYTHING = "-1"
LIST = "pl-"
PINGS = frozenset({"icmp", "icmpv6", "1", "58"})
"""How paths tell their largest packet, which AWS advises to let in from everybody."""
STORES = frozenset({1433, 1521, 2379, 3306, 5432, 5984, 6379, 9200, 11211, 27017})
"""Where databases and caches listen, which are nobody's from outside."""
WIDE = {4: 8, 6: 32}
"""A range whose prefix is no longer is as good as everybody, by IP version."""
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
PRIVATE = tuple(
    ipaddress.ip_network(one)
    for one in ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)
OFFICE = {4: 24, 6: 48}
"""The longest prefix that SSH may be let in from without a word is longer than this."""


class Rule(Contract):
    """One permission to come in.

    Attributes:
        group: The group's identifier.
        protocol: `tcp`, `udp` or what else AWS has; `-1` is everything.
        first: The first port; 0 where the protocol has none.
        last: The last port.
        source: A range of addresses, or the identifier of a prefix list. A group's is none, and is
            nobody from outside.
    """

    group: str
    protocol: str = "tcp"
    first: int
    last: int
    source: str

    @property
    def is_of_list(self) -> bool:
        """Whether it lets in who is in a prefix list: anybody, for all that we know."""
        return self.source.startswith(LIST)

    @property
    def network(self) -> Network:
        """The addresses that are let in."""
        return ipaddress.ip_network(self.source, strict=False)

    def __str__(self) -> str:
        ports = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return "everything" if self.protocol == EVERYTHING else f"{self.protocol} {ports}"


def network_report(cloud: Cloud | None, spec: InfrastructureSpec) -> TopicReport:
    """What stands before the hosts, asked of AWS.

    Args:
        cloud: Where their groups are; None where hosts exist: those have none.
        spec: The hosts, and what they are to let in.
    """
    if cloud is None:
        return TopicReport(topic=NETWORK, not_verified=(NO_CLOUD,))
    groups = _groups(cloud, spec)
    rules = ingress_rules(cloud, groups)
    findings, unread = review(rules, spec.public_ports), unseen(rules, spec.public_ports)
    ports = ", ".join(map(str, spec.public_ports)) or "nothing"
    verified = f"{number_of(len(groups), 'security group')}: everybody is let in to {ports} alone"
    is_good = groups and not findings and not unread
    return TopicReport(
        topic=NETWORK,
        findings=findings,
        verified=(verified,) if is_good else (),
        not_verified=unread,
    )


def ingress_rules(cloud: Cloud, groups: Iterable[str]) -> list[Rule]:
    """What these groups let in, asked of AWS: one rule a range and ports."""
    wanted = sorted(groups)
    if not wanted:
        return []
    answer = cloud.ec2().describe_security_groups(GroupIds=wanted)
    return [
        Rule(
            group=group["GroupId"],
            protocol=permission["IpProtocol"],
            first=max(permission.get("FromPort", 0), 0),
            last=permission.get("ToPort", LAST) % (LAST + 1),
            source=source,
        )
        for group in answer["SecurityGroups"]
        for permission in group["IpPermissions"]
        for source in _ranges(permission)
    ]


def review(rules: Iterable[Rule], needed: Iterable[int]) -> tuple[Finding, ...]:
    """What is let in from outside and should not be, worst first. Pure.

    Args:
        rules: All that is let in.
        needed: TCP ports that everybody may reach.
    """
    allowed = frozenset(needed)
    found = [(_severity(rule, allowed), rule) for rule in rules if not rule.is_of_list]
    told = [(severity, rule) for severity, rule in found if severity]
    ranked = sorted(told, key=lambda one: -SEVERITIES.index(one[0]))
    return tuple(_finding(severity, rule) for severity, rule in ranked)


def unseen(rules: Iterable[Rule], needed: Iterable[int]) -> tuple[str, ...]:
    """What is let in from prefix lists and is not for everybody, for people. Pure.

    Args:
        rules: As in `review`.
        needed: As in `review`.
    """
    allowed = frozenset(needed)
    return tuple(
        f"{rule.group}: {rule} is open to the prefix list {rule.source}, "
        "whose addresses are not looked at"
        for rule in rules
        if rule.is_of_list and not _is_needed(rule, allowed)
    )


def _groups(cloud: Cloud, spec: InfrastructureSpec) -> set[str]:
    """The application's groups, and all others that its hosts are in."""
    ours = {one.id for one in spec.resources if one.type == GROUP}
    hosts = [host.instance_id for host in spec.hosts if host.instance_id]
    if not hosts:
        return ours
    answer = cloud.ec2().describe_instances(InstanceIds=hosts)
    instances = (one for each in answer["Reservations"] for one in each["Instances"])
    return ours | {
        group["GroupId"]
        for one in instances
        for interface in one.get("NetworkInterfaces", ())
        for group in interface.get("Groups", ())
    }


def _ranges(permission: Any) -> Iterator[str]:
    yield from (one["CidrIp"] for one in permission.get("IpRanges", ()))
    yield from (one["CidrIpv6"] for one in permission.get("Ipv6Ranges", ()))
    yield from (one["PrefixListId"] for one in permission.get("PrefixListIds", ()))


def _severity(rule: Rule, allowed: frozenset[int]) -> Severity | None:
    network, ssh = rule.network, rule.first <= SSH <= rule.last
    if _is_needed(rule, allowed) or _is_private(network):
        return None
    if network.prefixlen > WIDE[network.version]:
        is_wide = network.prefixlen <= OFFICE[network.version]
        return "medium" if ssh and is_wide and _is_stream(rule) else None
    if rule.protocol in PINGS:
        return "low"
    stores = any(rule.first <= port <= rule.last for port in STORES)
    return "critical" if (ssh or stores) and _is_stream(rule) else "high"


def _is_needed(rule: Rule, allowed: frozenset[int]) -> bool:
    return rule.protocol == "tcp" and rule.first == rule.last and rule.first in allowed


def _is_private(network: Network) -> bool:
    return any(
        network.version == one.version and network.subnet_of(one)  # type: ignore[arg-type]
        for one in PRIVATE
    )


def _is_stream(rule: Rule) -> bool:
    return rule.protocol in {"tcp", EVERYTHING}


def _finding(severity: Severity, rule: Rule) -> Finding:
    ssh = rule.first <= SSH <= rule.last and _is_stream(rule)
    return Finding(
        id="security-group-ssh-open" if ssh else "security-group-too-wide",
        severity=severity,
        resource=rule.group,
        message=f"{rule} is open to {rule.source}, and the application does not need it; "
        "`autodeploy deploy REPOSITORY --refresh` closes what our own groups let in",
    )
