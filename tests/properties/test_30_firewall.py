"""Property 30: exactly the declared ports are open, and SSH is never locked out.

The oracle is a model of each firewall that tells of a packet whether it comes in: UFW takes the
first rule that matches, firewalld the zone of the source. The plan is applied to it step by
step.
"""

from __future__ import annotations

import copy
import ipaddress
import re
import shlex

import pytest
from hypothesis import assume, event, example, given
from hypothesis import strategies as st

import rolekit

pytestmark = pytest.mark.property
ufw = rolekit.load("firewall/module_utils/firewall_ufw.py")
firewalld = rolekit.load("firewall/module_utils/firewall_firewalld.py")
CONTROLLER, STRANGER = "10.1.2.3", "198.51.100.9"
OWN, OTHER = "eth0", "wg0"
SOURCES = ["10.0.0.0/8", "10.1.0.0/16", "203.0.113.7"]
PORTS = [22, 80, 443, 2222, 5432]
SPANS = ["22,2222", "20:25", "80,5432", "2200:2300"]
APPLICATIONS = {"OpenSSH": "22/tcp", "My SSH": "2222/tcp", "Web": "80,443/tcp|53/udp"}
SSH = st.sampled_from([[22], [2222], [22, 2222]])
DECLARED = st.lists(st.sampled_from([80, 443, 8080]), unique=True)
VERBS = st.sampled_from(["allow", "limit", "deny", "reject"])
TO_ALL = st.builds(
    lambda verb, port, protocol: f"{verb} {port}{protocol}",
    VERBS,
    st.sampled_from(PORTS),
    st.sampled_from(["/tcp", "", "/udp"]),
)
FROM_SOME = st.builds(
    lambda verb, source, port: f"{verb} from {source}{port}",
    VERBS,
    st.sampled_from(SOURCES),
    st.sampled_from(
        [
            *("", " proto tcp", " to 10.9.9.9", " to any app OpenSSH", " to any app 'My SSH'"),
            *(f" to any port {port} proto tcp" for port in [*PORTS, *SPANS]),
        ]
    ),
)
BY_INTERFACE = st.builds(
    lambda verb, interface, port: f"{verb} in on {interface}{port}",
    st.sampled_from(["allow", "limit"]),
    st.sampled_from([OWN, OTHER]),
    st.sampled_from(["", *(f" to any port {port}" for port in [*PORTS, *SPANS])]),
)
SHUT = st.builds(
    lambda interface, port: f"deny in on {interface} to any port {port}",
    st.sampled_from([OWN, OTHER]),
    st.sampled_from([22, 2222]),
)
OTHERS = st.sampled_from(
    [
        *("allow OpenSSH", "allow 'My SSH'", "allow Web", "allow out 53"),
        *(f"allow {span}/tcp" for span in SPANS),
        "route allow in on eth0 out on eth1",
    ]
)
ALIKE = {f"allow {span}/tcp" for span in SPANS}
RULES = st.lists(
    TO_ALL | FROM_SOME | BY_INTERFACE | SHUT | OTHERS,
    max_size=6,
    # UFW replaces the verb of a rule that is there.
    unique_by=lambda words: words.partition(" ")[2],
)


def has(spec, port):
    """Whether a list of ports and ranges, for a protocol or for all, has a TCP port."""
    ports, _slash, protocol = spec.partition("/")
    return protocol != "udp" and any(
        int(one.split(":")[0]) <= port <= int(one.split(":")[-1]) for one in ports.split(",")
    )


class Model:
    """UFW as its manual has it: the first rule that matches tells, else the policy.

    A packet has a source, a TCP port and the interface that it comes in by; the host's address is
    not that which a rule may name.
    """

    def __init__(self, rules, active, policy):
        self.rules, self.active, self.policy = list(rules), active, policy

    def lets_in(self, source, port, interface=OWN):
        if not self.active:
            return True
        for words in self.rules:
            if self.matches(words, source, port, interface):
                return words.split()[0] in {"allow", "limit"}
        return self.policy == "accept"

    @staticmethod
    def matches(words, source, port, interface):
        kind, *parts = shlex.split(words)
        if kind == "route" or parts[0] == "out":
            return False
        if len(parts) == 1:
            spec = APPLICATIONS.get(parts[0], parts[0])
            return any(has(one, port) for one in spec.split("|"))
        said = " ".join(parts)
        where = re.search(r"\bon (\w+)", said)
        origin = re.search(r"\bfrom (\S+)", said)
        target = re.search(r"\bport (\S+)", said)
        app = re.search(r"\bapp (.+)$", said)
        inside = not origin or ipaddress.ip_address(source) in ipaddress.ip_network(origin[1])
        spec = APPLICATIONS[app[1]] if app else target[1] if target else "1:65535"
        here = (not where or where[1] == interface) and "10.9.9.9" not in said
        return inside and here and has(spec, port)

    def remove(self, words):
        """UFW says of a rule that is not there that it is not, and goes on."""
        self.rules = [one for one in self.rules if one != words]

    def run(self, words):
        if words[:2] == ["--force", "delete"]:
            self.remove(shlex.join(words[2:]))
        elif words[:3] == ["--force", "route", "delete"]:
            self.remove(shlex.join(["route", *words[3:]]))
        elif words == ["default", "deny", "incoming"]:
            self.policy = "drop"
        elif words == ["--force", "enable"]:
            self.active = True
        elif words[0] == "prepend":
            # It leaves out a rule that is there, be it with another verb.
            if words[2:] not in [shlex.split(one)[1:] for one in self.rules]:
                self.rules.insert(0, shlex.join(words[1:]))
        elif words not in (["reload"], ufw.IPV6):
            places = [shlex.split(one)[1:] for one in self.rules]
            at = places.index(words[1:]) if words[1:] in places else len(places)
            self.rules[at : at + 1] = [shlex.join(words)]


@given(
    rules=RULES,
    active=st.booleans(),
    ipv6=st.booleans(),
    policy=st.sampled_from(["drop", "reject", "accept"]),
    declared=DECLARED,
    ssh=SSH,
    own=st.sampled_from([OWN, OTHER]),
)
# The controller comes in by the first, and a rule at the end would be too late.
@example(["limit 22/tcp", "deny from 10.0.0.0/8"], True, True, "drop", [80], [22], OWN)
@example(["deny in on eth0 to any port 22", "allow 22/tcp"], True, True, "drop", [], [22], OTHER)
@example(["deny in on eth0", "allow 22/tcp"], True, True, "drop", [80], [22], OTHER)
@example(["deny 22/tcp"], False, True, "drop", [80], [22], OWN)
@example(["allow in on wg0"], True, True, "drop", [80], [22], OTHER)
@example(["allow from 10.0.0.0/8 to any port 22 proto tcp"], True, True, "reject", [], [22], OWN)
def test_ufw(rules, active, ipv6, policy, declared, ssh, own):
    model = Model(rules, active, policy)
    by = [port for port in ssh if model.lets_in(CONTROLLER, port, own)]
    assume(by)
    refusing = any(words.split()[0] in {"deny", "reject"} for words in rules)
    if active and policy == "accept":
        # A rule that SSH needs may not be there at all; then it is let in from everywhere.
        assume(not refusing)
    # Their order tells who comes in, so none of SSH's is replaced: the role says what is open.
    assume(not (refusing and any(words in ALIKE for words in rules)))
    strangers = {
        place: [port for port in ssh if model.lets_in(STRANGER, port, place)]
        for place in (OWN, OTHER)
    }
    found = {"rules": rules, "active": active, "ipv6": ipv6, "policy": policy, "opened": set()}
    found["applications"] = APPLICATIONS
    for words in ufw.plan(found, declared, ssh):
        model.run(words)
        assert any(model.lets_in(CONTROLLER, port, own) for port in by), words
    event(f"active: {active}, strangers came in by SSH: {bool(strangers[OWN])}")
    assert model.active
    for place, before in strangers.items():
        reached = {port for port in {*PORTS, 8080} if model.lets_in(STRANGER, port, place)}
        assert reached >= set(declared) - set(ssh)
        assert reached & set(ssh) <= {*before, *declared}
        if not any(f"on {place}" in words for words in model.rules):
            assert reached - set(ssh) == set(declared) - set(ssh)
    again = {**found, "rules": model.rules, "active": True, "ipv6": True, "policy": "drop"}
    assert ufw.plan({**again, "opened": set(declared)}, declared, ssh) == []


OFFICE = "203.0.113.8"
FROM = 'rule family="ipv4" source address='
ENTRIES = {
    "services": st.lists(st.sampled_from(["ssh", "http", "my-ssh", "dhcpv6-client"]), unique=True),
    "ports": st.lists(
        st.sampled_from(
            ["22/tcp", "80/tcp", "2222/tcp", "5432/tcp", "53/udp", "20-25/tcp", "2200-2300/tcp"]
        ),
        unique=True,
    ),
    "protocols": st.lists(st.sampled_from(["gre"]), unique=True),
    "target": st.sampled_from([["default"], ["ACCEPT"], ["DROP"]]),
    "rich rules": st.lists(
        st.builds(
            lambda start, what, verdict: f"{start}{what} {verdict}",
            st.sampled_from([f'{FROM}"10.0.0.0/8"', f'{FROM}"203.0.113.0/24"', "rule"]),
            st.sampled_from(
                [
                    *("", ' service name="my-ssh"', ' service name="ssh"'),
                    *(f' port port="{port}" protocol="tcp"' for port in (22, 5432, "22-23")),
                    ' port port="22" protocol="udp"',
                ]
            ),
            st.just("accept"),
        ).filter(lambda rule: rule != "rule accept")
        | st.just('rule family="ipv4" source address="203.0.113.7" drop'),
        max_size=3,
        unique=True,
    ),
}
ZONE = st.fixed_dictionaries(ENTRIES)
NAMED = {"ssh": 22, "http": 80, "my-ssh": 2222}
SERVICES = {"ssh": ["22/tcp"], "http": ["80/tcp"], "my-ssh": ["2222/tcp"], "dhcpv6-client": []}


def opened(zone, source=STRANGER):
    """The ports that a zone lets a source in by; the test's own reading of it."""
    if zone["target"] == ["ACCEPT"]:
        return {*PORTS, 8080}
    found = {NAMED[one] for one in zone["services"] if one in NAMED}
    spans = [one.split("/") for one in zone["ports"]]
    for words in zone["rich rules"]:
        origin = re.search(r'address="(\S+)"', words)
        away = origin and ipaddress.ip_address(source) not in ipaddress.ip_network(origin[1])
        if away or not words.endswith("accept"):
            continue
        service, port = (
            re.search(r'name="(\S+)"', words),
            re.search(r'port="(\S+)" .*"(\w+)"', words),
        )
        spans += [port.groups()] if port else [] if service else [("1-65535", "tcp")]
        found |= {NAMED[service[1]]} if service else set()
    spans = [ports.split("-") for ports, protocol in spans if protocol == "tcp"]
    known = {*PORTS, 8080}
    return found | {p for ends in spans for p in known if int(ends[0]) <= p <= int(ends[-1])}


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
    by = [port for port in ssh if not active or port in opened(own, CONTROLLER)]
    assume(by)
    found = {"zones": zones, "default": "public", "active": active, "services": SERVICES}
    for words in firewalld.plan(copy.deepcopy(found), declared, ssh):
        change(zones, words)
        if active:
            assert set(by) & opened(own, CONTROLLER), words
    shut = other and other["target"] == ["DROP"]
    if active:
        assert set(by) & opened(own, CONTROLLER)
    for name, zone in zones.items():
        wanted = set() if name == "inner" and shut else set(declared)
        assert opened(zone) - set(ssh) == wanted - set(ssh), name
        for source in (STRANGER, OFFICE, CONTROLLER) if active else ():
            now = opened(zone, source) & set(ssh)
            assert now <= opened(before[name], source) | set(declared), (name, source)
    again = {**found, "zones": zones, "active": True}
    assert firewalld.plan(again, declared, ssh) == []
