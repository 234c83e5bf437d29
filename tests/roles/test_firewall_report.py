"""What is said of a firewall, and which one a host has."""

from __future__ import annotations

import json

import pytest

import rolekit

report = rolekit.load("firewall/module_utils/firewall_report.py")
backends = rolekit.load("firewall/module_utils/firewall_backends.py")
others = rolekit.load("firewall/module_utils/firewall_others.py")
RIGHT = {"active": True, "ssh": True, "opened": {22, 80}}
TOLD = {"commands": ["ufw allow 80/tcp"], "guard": {"armed": True, "reverted": None}}


def test_only_what_reads_back_as_declared_is_verified():
    (found,) = report.facts("UFW", RIGHT, [80], [22], TOLD).values()
    assert found["verified"] == ["UFW lets in SSH (port 22) and, of TCP, 80"]
    assert found["changed"] == ["ufw allow 80/tcp"]
    assert (found["not_verified"], found["findings"]) == ([], [])
    assert (found["open_ports"], found["ssh"], found["backend"]) == ([80], True, "UFW")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"active": False}, "off"),
        ({"ssh": False}, "SSH's ports [22] are closed"),
        ({"opened": {22, 80, 443}}, "[80, 443] besides SSH, not exactly [80]"),
        ({"opened": {22}}, "[] besides SSH, not exactly [80]"),
    ],
)
def test_what_differs_is_a_finding_and_in_check_mode_nothing_was_changed(wrong, why):
    told = {**TOLD, "check": True}
    (found,) = report.facts("UFW", {**RIGHT, **wrong}, [80], [22], told).values()
    assert found["verified"] == found["changed"] == []
    (one,) = found["findings"]
    assert (one["id"], one["severity"]) == ("firewall-differs", "high")
    assert why in one["message"]


def test_what_the_host_took_back_is_a_finding():
    told = {**TOLD, "guard": {"armed": False, "reverted": "it was"}}
    (found,) = report.facts("UFW", RIGHT, [80], [22], told).values()
    (one,) = found["findings"]
    assert (one["id"], one["severity"], one["message"]) == ("change-reverted", "high", "it was")


@pytest.mark.parametrize(
    ("wanted", "present", "active", "name"),
    [
        ("auto", [], [], "ufw"),
        ("auto", ["firewalld"], [], "firewalld"),
        ("auto", ["ufw", "firewalld"], [], "ufw"),
        ("auto", ["ufw", "firewalld"], ["firewalld"], "firewalld"),
        ("firewalld", ["ufw"], [], "firewalld"),
        ("ufw", ["ufw"], ["ufw"], "ufw"),
    ],
)
def test_the_firewall_is_the_one_at_work(wanted, present, active, name):
    assert backends.chosen(wanted, present, active) == name


@pytest.mark.parametrize(
    ("wanted", "active"), [("ufw", ["firewalld"]), ("auto", ["ufw", "firewalld"])]
)
def test_two_at_once_are_refused(wanted, active):
    with pytest.raises(backends.TwoFirewalls, match="is at work"):
        backends.chosen(wanted, active, active)


def chain(table, rules=(), policy="accept", hook="input"):
    """A chain of nftables' as its JSON has it, with its rules."""
    place = {"family": "inet", "table": table}
    yield {"chain": {**place, "name": "input", "hook": hook, "policy": policy}}
    for expressions in rules:
        yield {"rule": {**place, "chain": "input", "expr": expressions}}


def match(**left):
    return {"match": {"op": "==", "left": left, "right": 22}}


SOURCE = match(payload={"protocol": "ip", "field": "saddr"})
PORT = match(payload={"protocol": "tcp", "field": "dport"})


@pytest.mark.parametrize(
    ("made", "found"),
    [
        (chain("filter"), 0),
        (chain("filter", policy="drop"), 1),
        (chain("filter", policy="drop", hook="forward"), 0),
        (chain("filter", [[PORT, {"accept": None}], [{"counter": {}}, {"drop": None}]]), 1),
        (chain("filter", [[PORT, {"reject": None}]]), 1),
        (chain("crowdsec", [[SOURCE, {"drop": None}]]), 0),
        (chain("f2b-table", [[SOURCE, PORT, {"reject": None}]]), 0),
        (chain("filter", [[{"jump": {"target": "ufw-before-input"}}]], policy="drop"), 0),
        (chain("firewalld", [[{"reject": None}]]), 0),
    ],
)
def test_rules_that_close_ports_are_another_firewalls(made, found):
    ruleset = json.dumps({"nftables": [{"metainfo": {}}, *made]})
    assert len(others.closing_chains(ruleset)) == found


@pytest.mark.parametrize(
    ("text", "closes"),
    [
        ("-P INPUT ACCEPT\n", False),
        ("-P INPUT DROP\n-A INPUT -p tcp --dport 22 -s 203.0.113.0/24 -j ACCEPT\n", True),
        ("-P INPUT ACCEPT\n-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -j REJECT\n", True),
        ("-P INPUT ACCEPT\n-A INPUT -s 192.0.2.1/32 -j DROP\n", False),
        ("-P INPUT ACCEPT\n-A INPUT -m conntrack --ctstate INVALID -j DROP\n", False),
        ("-P INPUT ACCEPT\n-A INPUT -m set --match-set bad src -j DROP\n", False),
        ("-P INPUT ACCEPT\n-A INPUT -p icmp -j REJECT\n", False),
        ("-P INPUT ACCEPT\n-A INPUT -p tcp -m tcp --dport 80 -j DROP\n", True),
        ("-P INPUT DROP\n-A INPUT -j ufw-before-input\n", False),
    ],
)
def test_so_are_rules_of_iptables(text, closes):
    assert others.closes_by_iptables(text) is closes


def test_another_firewall_is_refused_with_its_name():
    backends.alone("UFW", [])
    with pytest.raises(backends.TwoFirewalls, match="netfilter-persistent is at work"):
        backends.alone("UFW", ["netfilter-persistent"])
