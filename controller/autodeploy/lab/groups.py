"""Security groups: which packets AWS would let through, as one nftables ruleset. Pure.

It is loaded in one transaction into the namespace of a VPC, the router of which sees every packet:
those between two hosts of one subnet too. What a packet passes is `forward`, then the rules of the
groups of its sender (`from_host`), then those of its receiver (`to_host`).

What has been let through goes on, and so do its replies, whatever becomes of the rules since; but
for flows that AWS does not track, TCP or UDP from anywhere to a group that may send everything
anywhere. They are marked, and each packet of theirs is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network

from pydantic import Field

from autodeploy.contracts import Contract

GROUP_ID = r"^sg-[0-9a-z]{1,40}$"
ALL = "-1"
METADATA = IPv4Address("169.254.169.254")
ANYWHERE = IPv4Network("0.0.0.0/0")
UNTRACKED = 1
BRIDGE, UPLINK = "br0", "uplink"

TEMPLATE = """\
add table bridge lab
delete table bridge lab
table bridge lab {{
  chain forward {{
    type filter hook forward priority 0; policy drop;
  }}
}}
add table inet lab
delete table inet lab
table inet lab {{
{sets}
  chain prerouting {{
    type nat hook prerouting priority dstnat; policy accept;
    iifname "{uplink}" dnat ip to ip daddr map @to_private
  }}
  chain postrouting {{
    type nat hook postrouting priority srcnat; policy accept;
    oifname "{uplink}" snat ip to ip saddr map @to_public
  }}
  chain input {{
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iifname "lo" accept
    iifname "{bridge}" meta l4proto {{ tcp, udp }} th dport 53 accept
    iifname "{bridge}" ip daddr {metadata} tcp dport 80 accept
  }}
  chain forward {{
    type filter hook forward priority filter; policy drop;
    icmp type redirect drop
    ct state related accept
    ct state established ct mark != {untracked} accept
    ct state established ct direction reply accept
    ct state invalid drop
    iifname "{bridge}" ip saddr vmap @senders
    iifname "{uplink}" ct status dnat goto to_host
  }}
  chain to_host {{
    oifname "{uplink}" ip saddr @internet accept
    oifname "{bridge}" ip daddr vmap @receivers
    drop
  }}
{chains}
}}
"""


class Rule(Contract):
    """One rule of a group.

    Attributes:
        protocol: `tcp`, `udp`, `icmp`, a number of IANA's, or `-1` for all.
        first: The lowest port, or ICMP's type; None or -1 for all.
        last: The highest port, or ICMP's code; None or -1 for all.
        peer: Who is on the other side: addresses, or the members of a group.
    """

    protocol: str = Field(pattern=r"^(tcp|udp|icmp|-1|[0-9]{1,3})$")
    first: int | None = Field(default=None, ge=-1, le=65535)
    last: int | None = Field(default=None, ge=-1, le=65535)
    peer: IPv4Network | str


class Group(Contract):
    """A security group.

    Attributes:
        group_id: EC2's identifier.
        ingress: What its members may receive.
        egress: What they may send.
    """

    group_id: str = Field(pattern=GROUP_ID)
    ingress: tuple[Rule, ...] = ()
    egress: tuple[Rule, ...] = ()


class Policy(Contract):
    """What EC2 knows of a VPC.

    Attributes:
        groups: Its security groups.
        internet: Its subnets with a route to an attached internet gateway.
    """

    groups: tuple[Group, ...] = ()
    internet: frozenset[IPv4Network] = frozenset()


class Member(Contract):
    """A host in the VPC.

    Attributes:
        name: The host's name.
        private: Its address in its subnet.
        subnet: Its subnet.
        public: Its address in the lab's range; None where it has none.
        groups: The groups that it is in.
    """

    name: str
    private: IPv4Address
    subnet: IPv4Network
    public: IPv4Address | None
    groups: tuple[str, ...]


def ruleset(policy: Policy, members: Iterable[Member]) -> str:
    """What `nft -f` is to load: it replaces whatever ruleset the VPC had."""
    hosts = sorted(members, key=lambda one: one.private)
    known = {group.group_id for group in policy.groups}
    lines = [line for group in policy.groups for line in _group(group, known)]
    lines += [line for host in hosts for line in _host(host, known)]
    return TEMPLATE.format(
        sets="\n".join(_sets(policy, hosts)),
        chains="\n".join(lines),
        bridge=BRIDGE,
        uplink=UPLINK,
        metadata=METADATA,
        untracked=UNTRACKED,
    )


def _sets(policy: Policy, hosts: list[Member]) -> Iterator[str]:
    """Addresses: of those who reach the internet, of each group's members, and of all hosts."""
    reached = {
        one.private: one.public for one in hosts if one.public and one.subnet in policy.internet
    }
    pair = "ipv4_addr : ipv4_addr"
    yield _set("map to_private", pair, [f"{there} : {here}" for here, there in reached.items()])
    yield _set("map to_public", pair, [f"{here} : {there}" for here, there in reached.items()])
    yield _set("set internet", "ipv4_addr", map(str, reached))
    for way, name in (("out", "senders"), ("in", "receivers")):
        verdicts = [f"{one.private} : goto {_chain(way, one)}" for one in hosts]
        yield _set(f"map {name}", "ipv4_addr : verdict", verdicts)
    for group in policy.groups:
        within = [str(one.private) for one in hosts if group.group_id in one.groups]
        yield _set(f"set {_name(group.group_id)}", "ipv4_addr", within)


def _set(name: str, kind: str, elements: Iterable[str]) -> str:
    listed = ", ".join(elements)
    filled = f"    elements = {{ {listed} }}\n" if listed else ""
    return f"  {name} {{\n    type {kind}\n{filled}  }}"


def _group(group: Group, known: set[str]) -> Iterator[str]:
    name = _name(group.group_id)
    tracks_all = Rule(protocol=ALL, peer=ANYWHERE) not in group.egress
    yield f"  chain out_{name} {{"
    for rule in group.egress:
        if isinstance(rule.peer, IPv4Network) or rule.peer in known:
            yield f"    {_peer(rule, 'daddr')}{_traffic(rule)}goto to_host"
    yield "  }"
    yield f"  chain in_{name} {{"
    for rule in group.ingress:
        if isinstance(rule.peer, IPv4Network) or rule.peer in known:
            tracked = tracks_all or rule.peer != ANYWHERE
            yield from _accept(rule, tracked)
    yield "  }"


def _accept(rule: Rule, tracked: bool) -> Iterator[str]:
    said = f"{_peer(rule, 'saddr')}{_traffic(rule)}"
    if not tracked and rule.protocol in {"tcp", "udp"}:
        yield f"    {said}ct mark set {UNTRACKED} accept"
        return
    if not tracked and rule.protocol == ALL:
        yield f"    meta l4proto {{ tcp, udp }} ct mark set {UNTRACKED} accept"
    yield f"    {said}ct mark set 0 accept"


def _host(host: Member, known: set[str]) -> Iterator[str]:
    """A host may do what any of its groups allows, and nothing where it is in none."""
    for way in ("out", "in"):
        yield f"  chain {_chain(way, host)} {{"
        yield from (f"    jump {way}_{_name(one)}" for one in host.groups if one in known)
        yield "    drop"
        yield "  }"


def _peer(rule: Rule, side: str) -> str:
    """A group stands for private addresses: who comes by a public one is no member."""
    if isinstance(rule.peer, str):
        return f"ip {side} @{_name(rule.peer)} "
    return f"ip {side} {rule.peer} " if rule.peer.prefixlen else ""


def _traffic(rule: Rule) -> str:
    first = None if rule.first == -1 else rule.first
    last = None if rule.last == -1 else rule.last
    if rule.protocol == ALL:
        return ""
    if rule.protocol == "icmp":
        kind = "meta l4proto icmp " if first is None else f"icmp type {first} "
        return kind if first is None or last is None else f"{kind}icmp code {last} "
    if rule.protocol not in {"tcp", "udp"} or first is None:
        return f"meta l4proto {rule.protocol} "
    return f"{rule.protocol} dport {first}-{last} "


def _name(group_id: str) -> str:
    return group_id.replace("-", "_")


def _chain(way: str, host: Member) -> str:
    return f"{way}_{str(host.private).replace('.', '_')}"
