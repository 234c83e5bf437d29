"""Property 27: tightening a security group never widens it, and is idempotent.

The oracle asks of many addresses and ports whether the rules let them in; the cloud is a set
of rules.
"""

from __future__ import annotations

import ipaddress
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.provisioner.kinds import Found, Rule, SecurityGroup
from autodeploy.provisioner.kinds.security_group import permissions, rules_of

pytestmark = pytest.mark.property
ADDRESSES = ["0.0.0.0", "10.0.0.1", "10.1.0.1", "192.0.2.7", "192.0.2.8", "::", "2001:db8::1"]
PORTS = [0, 22, 79, 80, 81, 443, 5432, 65535]
V4 = ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "192.0.2.7/32"]
V6 = ["::/0", "2001:db8::/32"]
bounds = st.tuples(st.sampled_from(PORTS), st.sampled_from(PORTS)).map(sorted)
transports = st.builds(
    lambda where, ports, protocol: Rule(where[1], *ports, protocol=protocol, kind=where[0]),
    st.one_of(
        st.sampled_from(V4).map(lambda one: ("IpRanges", one)),
        st.sampled_from(V6).map(lambda one: ("Ipv6Ranges", one)),
    ),
    bounds,
    st.sampled_from(["tcp", "udp"]),
)
everything = st.sampled_from(V4).map(lambda one: Rule(one, None, None, protocol="-1"))
rules = st.frozensets(st.one_of(transports, everything), max_size=6)


def admitted(present):
    """What comes in: (address, protocol, port)."""
    return {
        (address, protocol, port)
        for rule in present
        for address in ADDRESSES
        if ipaddress.ip_address(address) in ipaddress.ip_network(rule.source)
        for protocol in ("tcp", "udp")
        if rule.protocol in {protocol, "-1"}
        for port in PORTS
        if rule.first is None or rule.first <= port <= rule.last
    }


class Cloud:
    """AWS's group, and what it let in after each call."""

    def __init__(self, present):
        self.rules = set(present)
        self.seen = [admitted(self.rules)]

    def ec2(self):
        return self

    def revoke_security_group_ingress(self, **said):
        gone = rules_of(said)
        assert gone <= self.rules
        self._now(self.rules - gone)

    def authorize_security_group_ingress(self, **said):
        come = rules_of(said)
        assert not come & self.rules
        self._now(self.rules | come)

    def _now(self, present):
        self.rules = present
        self.seen.append(admitted(present))

    @property
    def found(self):
        return Found("app", SecurityGroup.type, "sg-1", {"IpPermissions": permissions(self.rules)})


def tighten(group, cloud):
    steps = group.lacks(cloud.found, {})
    for step in steps:
        step.call(SimpleNamespace(cloud=cloud))
    return steps


@given(rules, rules)
def test_what_comes_in_only_shrinks_to_what_is_asked_for(asked, others):
    """Where all that is asked for is let in already, no call lets in one address or port more."""
    group, cloud = SecurityGroup("app", vpc="vpc", ingress=asked), Cloud(asked | others)
    tighten(group, cloud)
    assert all(after <= before for before, after in zip(cloud.seen, cloud.seen[1:], strict=False))
    assert cloud.seen[-1] == admitted(asked)
    assert tighten(group, cloud) == []


@given(rules, rules)
def test_nothing_is_let_in_that_was_neither_before_nor_asked_for(asked, present):
    group, cloud = SecurityGroup("app", vpc="vpc", ingress=asked), Cloud(present)
    tighten(group, cloud)
    assert all(one <= admitted(present) | admitted(asked) for one in cloud.seen)
    assert cloud.rules == asked
    assert tighten(group, cloud) == []
