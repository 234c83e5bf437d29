"""Property 30: exactly the declared ports are open, and SSH is never locked out.

The oracle is a model of each firewall that tells of a packet whether it comes in: UFW takes the
first rule that matches, firewalld the zone of the source. The plan is applied to it step by
step.
"""

from __future__ import annotations

import copy
import ipaddress

import pytest
from hypothesis import assume, event, example, given
from hypothesis import strategies as st

import rolekit

pytestmark = pytest.mark.property
ufw = rolekit.load("firewall/module_utils/firewall_ufw.py")
firewalld = rolekit.load("firewall/module_utils/firewall_firewalld.py")
CONTROLLER, STRANGER = "10.1.2.3", "198.51.100.9"
SOURCES = ["10.0.0.0/8", "10.1.0.0/16", "203.0.113.7"]
PORTS = [22, 80, 443, 2222, 5432]
SSH = st.sampled_from([[22], [2222], [22, 2222]])
DECLARED = st.lists(st.sampled_from([80, 443, 8080]), unique=True)
VERBS = st.sampled_from(["allow", "limit", "deny", "reject"])
TO_ALL = st.builds(
    lambda verb, port, protocol: f"{verb} {port}{protocol}",
    VERBS,
    st.sampled_from(PORTS),
    st.sampled_from(["/tcp", ""]),
)
FROM_SOME = st.builds(
    lambda verb, source, port: f"{verb} from {source}{port}",
    VERBS,
    st.sampled_from(SOURCES),
    st.sampled_from(["", *(f" to any port {port} proto tcp" for port in PORTS)]),
)
OTHERS = st.sampled_from(["allow OpenSSH", "allow out 53", "route allow in on eth0 out on eth1"])
RULES = st.lists(TO_ALL | FROM_SOME | OTHERS, max_size=6, unique=True)


class Model:
    """UFW as its manual has it: the first rule that matches tells, else the policy."""

    def __init__(self, rules, active, policy):
        self.rules, self.active, self.policy = list(rules), active, policy

    def lets_in(self, source, port):
        if not self.active:
            return True
        for words in self.rules:
            if self.matches(words, source, port):
                return words.split()[0] in {"allow", "limit"}
        return self.policy != "drop"

    @staticmethod
    def matches(words, source, port):
        parts = words.split()
        if parts[0] == "route" or parts[1] == "out":
            return False
        if parts[1] == "from":
            inside = ipaddress.ip_address(source) in ipaddress.ip_network(parts[2])
            return inside and (len(parts) == 3 or parts[6] == str(port))
        return parts[1] in {str(port), f"{port}/tcp"} or (parts[1] == "OpenSSH" and port == 22)

    def run(self, words):
        if words[:2] == ["--force", "delete"]:
            self.rules.remove(" ".join(words[2:]))
        elif words[:3] == ["--force", "route", "delete"]:
            self.rules.remove(" ".join(["route", *words[3:]]))
        elif words == ["default", "deny", "incoming"]:
            self.policy = "drop"
        elif words == ["--force", "enable"]:
            self.active = True
        elif words[0] == "prepend":
            self.rules.insert(0, " ".join(words[1:]))
        elif words not in (["reload"], ufw.IPV6) and " ".join(words) not in self.rules:
            self.rules.append(" ".join(words))


@given(
    rules=RULES,
    active=st.booleans(),
    ipv6=st.booleans(),
    policy=st.sampled_from(["drop", "accept"]),
    declared=DECLARED,
    ssh=SSH,
)
# The controller comes in by the first, and a rule at the end would be too late.
@example(["limit 22/tcp", "deny from 10.0.0.0/8"], True, True, "drop", [80], [22])
def test_ufw(rules, active, ipv6, policy, declared, ssh):
    model = Model(rules, active, policy)
    by = [port for port in ssh if model.lets_in(CONTROLLER, port)]
    assume(by)
    if active and policy == "accept":
        # A rule that SSH needs may not be there at all; then it is let in from everywhere.
        assume(not any("deny" in words or "reject" in words for words in rules))
    strangers = [port for port in ssh if model.lets_in(STRANGER, port)]
    found = {"rules": rules, "active": active, "ipv6": ipv6, "policy": policy, "opened": set()}
    for words in ufw.plan(found, declared, ssh):
        model.run(words)
        assert any(model.lets_in(CONTROLLER, port) for port in by), words
    event(f"active: {active}, strangers came in by SSH: {bool(strangers)}")
    assert model.active
    reached = {port for port in {*PORTS, 8080} if model.lets_in(STRANGER, port)}
    assert reached - set(ssh) == set(declared) - set(ssh)
    assert reached & set(ssh) <= {*strangers, *declared}
    again = {**found, "rules": model.rules, "active": True, "ipv6": True, "policy": "drop"}
    assert ufw.plan({**again, "opened": set(declared)}, declared, ssh) == []


FROM_INSIDE = 'rule family="ipv4" source address="10.0.0.0/8"'
ENTRIES = {
    "services": st.lists(st.sampled_from(["ssh", "http", "dhcpv6-client"]), unique=True),
    "ports": st.lists(
        st.sampled_from(["22/tcp", "80/tcp", "2222/tcp", "5432/tcp", "53/udp"]), unique=True
    ),
    "protocols": st.lists(st.sampled_from(["gre"]), unique=True),
    "target": st.sampled_from([["default"], ["ACCEPT"], ["DROP"]]),
    "rich rules": st.lists(
        st.sampled_from(
            [
                f'{FROM_INSIDE} port port="22" protocol="tcp" accept',
                f'{FROM_INSIDE} port port="5432" protocol="tcp" accept',
                'rule family="ipv4" source address="203.0.113.7" drop',
            ]
        ),
        unique=True,
    ),
}
ZONE = st.fixed_dictionaries(ENTRIES)
NAMED = {"ssh": 22, "http": 80}


def opened(zone):
    """The ports that a zone lets in from every source; the test's own reading of it."""
    if zone["target"] == ["ACCEPT"]:
        return {*PORTS, 8080}
    ports = {int(one.split("/")[0]) for one in zone["ports"] if one.endswith("/tcp")}
    return ports | {NAMED[one] for one in zone["services"] if one in NAMED}


def admits(zone, port):
    """Whether the controller's packets come in by a zone."""
    rich = f'source address="10.0.0.0/8" port port="{port}" protocol="tcp" accept'
    return port in opened(zone) or any(rich in one for one in zone["rich rules"])


def change(zones, words):
    """What firewall-cmd does with the arguments."""
    zone, (option, _equals, value) = zones[words[0].partition("=")[2]], words[1].partition("=")
    verb, _dash, key = option[2:].partition("-")
    if verb == "set":
        zone["target"] = [value]
    elif verb == "add":
        zone[f"{key}s"].append(value)
    else:
        zone["rich rules" if key == "rich-rule" else f"{key}s"].remove(value)


@given(default=ZONE, other=st.none() | ZONE, active=st.booleans(), declared=DECLARED, ssh=SSH)
def test_firewalld(default, other, active, declared, ssh):
    zones = {"public": default} | ({"inner": {**other, "sources": ["10.0.0.0/8"]}} if other else {})
    zones = copy.deepcopy(zones)
    before = copy.deepcopy(zones)
    own = zones["inner" if other else "public"]
    by = [port for port in ssh if not active or admits(own, port)]
    assume(by)
    found = {"zones": zones, "default": "public", "active": active}
    for words in firewalld.plan(copy.deepcopy(found), declared, ssh):
        change(zones, words)
        if active:
            assert any(admits(own, port) for port in by), words
    shut = other and other["target"] == ["DROP"]
    assert any(admits(own, port) for port in by) or (shut and not active)
    for name, zone in zones.items():
        wanted = set() if name == "inner" and shut else set(declared)
        assert opened(zone) - set(ssh) == wanted - set(ssh), name
        if active:
            assert opened(zone) & set(ssh) <= opened(before[name]) | set(declared), name
    again = {**found, "zones": zones, "active": True}
    assert firewalld.plan(again, declared, ssh) == []
