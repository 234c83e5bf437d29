"""firewalld's texts and what follows from them."""

from __future__ import annotations

import json

import pytest

LISTED = """block
  target: %%REJECT%%
  services:
  rich rules:

public (default, active)
  target: default
  interfaces: eth0
  sources:
  services: dhcpv6-client ssh
  ports: 80/tcp 5432/tcp
  forward: yes
  rich rules:
\trule family="ipv4" source address="10.0.0.0/8" port port="22" protocol="tcp" accept
\trule family="ipv4" source address="192.0.2.1" drop
"""


@pytest.fixture(scope="module")
def module(plugin):
    return plugin("firewall/module_utils/firewall_firewalld.py")


def test_zones_are_read_with_their_rich_rules(module):
    found = module.zones(LISTED)
    assert list(found) == ["block", "public"]
    assert found["block"]["rich rules"] == []
    assert found["public"]["services"] == ["dhcpv6-client", "ssh"]
    assert [one.split()[-1] for one in found["public"]["rich rules"]] == ["accept", "drop"]


def test_only_zones_that_packets_come_by_are_used_the_default_one_first(module):
    found = {name: {"rich rules": []} for name in ("a", "block", "public")}
    assert list(module.used(found, "public", {"a"})) == ["public", "a"]
    found["block"]["sources"] = ["192.0.2.0/24"]
    assert list(module.used(found, "public", set())) == ["public", "block"]


def test_the_difference_and_nothing_more(module):
    found = {"zones": module.used(module.zones(LISTED), "public", ()), "default": "public"}
    found["services"] = {"ssh": ["22/tcp"], "dhcpv6-client": ["546/udp"]}
    assert module.plan({**found, "active": True}, [80, 443], [22]) == [
        ["--zone=public", "--add-port=443/tcp"],
        ["--zone=public", "--remove-port=5432/tcp"],
    ]


def test_its_offline_tool_has_a_word_of_its_own(module):
    assert module.offline("--remove-service=http") == "--remove-service-from-zone=http"
    assert module.offline("--remove-port=1/tcp") == "--remove-port=1/tcp"


def rule(chain, right, source=None, verdict="accept"):
    """A rule as nft writes it."""
    port = {"payload": {"protocol": "tcp", "field": "dport"}}
    state = {"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["new"]}}
    match = [state, {"match": {"op": "==", "left": port, "right": right}}]
    if source:
        address = {"payload": {"protocol": "ip", "field": "saddr"}}
        match.append({"match": {"op": "==", "left": address, "right": source}})
    return {"rule": {"chain": f"filter_{chain}", "expr": [*match, {verdict: None}]}}


def test_open_is_what_the_kernel_accepts_from_everywhere(module):
    rules = [
        {"metainfo": {}},
        rule("IN_public_allow", 80),
        rule("IN_public_allow", {"range": [8080, 8082]}),
        rule("IN_inner_allow", {"set": [443, {"range": [9000, 9001]}]}),
        rule("IN_public_allow", 22, source="10.0.0.1"),
        rule("IN_public_deny", 25, verdict="drop"),
        rule("FWD_public_allow", 70),
        rule("IN_policy_x_allow", 71),
    ]
    text = json.dumps({"nftables": rules})
    assert module.open_ports(text) == {80, 443, 8080, 8081, 8082, 9000, 9001}
    assert [port for port in (22, 25, 70, 80) if module.admits(text, [port])] == [22, 80]


def test_a_source_that_may_come_in_by_all_ports_comes_in_by_ssh(module):
    from_some = rule("IN_public_allow", 22, source="10.0.0.1")
    del from_some["rule"]["expr"][1]
    assert module.admits(json.dumps({"nftables": [from_some]}), [22])
    udp = {"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}}}}
    from_some["rule"]["expr"][1:1] = [udp]
    assert not module.admits(json.dumps({"nftables": [from_some]}), [22])


def test_networks_of_containers_are_let_be(module):
    zones = {
        "public": {"rich rules": []},
        "docker": {"rich rules": [], "interfaces": ["docker0", "br-0123"], "target": ["ACCEPT"]},
        "office": {"rich rules": [], "interfaces": ["docker0", "eth1"]},
    }
    assert list(module.used(zones, "public", {"docker"})) == ["public", "office"]
