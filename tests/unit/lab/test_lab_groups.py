"""Security groups as nftables rules: a table of rules, and what they become."""

from __future__ import annotations

import re
import shutil
import subprocess
from ipaddress import IPv4Address, IPv4Network

import pytest
from pydantic import ValidationError

from autodeploy.lab.groups import Group, Member, Policy, Rule, ruleset

WORLD, HERE = IPv4Network("0.0.0.0/0"), IPv4Network("10.9.0.0/16")
PUBLIC, PRIVATE = IPv4Network("10.0.0.0/20"), IPv4Network("10.0.32.0/20")


def rule(protocol, first=None, last=None, peer=WORLD):
    return Rule(protocol=protocol, first=first, last=last, peer=peer)


def member(private, *groups, public=None, subnet=PUBLIC):
    return Member(
        name=f"i-{private}",
        private=IPv4Address(private),
        subnet=subnet,
        public=IPv4Address(public) if public else None,
        groups=groups,
    )


def chain(text, name):
    """The rules of a chain."""
    body = re.search(rf"chain {name} \{{\n(.*?)  \}}", text, re.DOTALL)[1]
    return [line.strip() for line in body.splitlines()]


def elements(text, name):
    found = re.search(rf"(?:set|map) {name} \{{\n[^}}]*?elements = \{{ ([^}}]*) \}}", text)
    return sorted(found[1].split(", ")) if found else []


@pytest.mark.parametrize(
    ("one", "ingress"),
    [
        (rule("tcp", 22, 22), "tcp dport 22-22 accept"),
        (rule("tcp", 8000, 8100), "tcp dport 8000-8100 accept"),
        (rule("tcp", -1, -1), "meta l4proto tcp accept"),
        (rule("udp", 0, 65535), "udp dport 0-65535 accept"),
        (rule("icmp", -1, -1), "meta l4proto icmp accept"),
        (rule("icmp", 8, -1), "icmp type 8 accept"),
        (rule("icmp", 3, 4), "icmp type 3 icmp code 4 accept"),
        (rule("icmp", 0, 0), "icmp type 0 icmp code 0 accept"),
        (rule("50"), "meta l4proto 50 accept"),
        (rule("47", 0, 0), "meta l4proto 47 accept"),
        (rule("-1"), "accept"),
        (rule("-1", peer=IPv4Network("10.9.0.0/16")), "ip saddr 10.9.0.0/16 accept"),
        (rule("tcp", 5432, 5432, "sg-b"), "ip saddr @sg_b tcp dport 5432-5432 accept"),
        (rule("-1", peer="sg-a"), "ip saddr @sg_a accept"),
    ],
)
def test_a_rule_becomes(one, ingress):
    egress = ingress.replace("saddr", "daddr").replace("accept", "goto to_host")
    tracked = ingress.replace("accept", "ct mark set 0 accept")
    groups = (
        Group(group_id="sg-a", ingress=(one,)),
        Group(group_id="sg-b", egress=(one,)),
    )
    text = ruleset(Policy(groups=groups), [])
    assert chain(text, "in_sg_a") == [tracked]
    assert chain(text, "out_sg_b") == [egress]


@pytest.mark.parametrize(
    ("one", "ingress"),
    [
        (rule("tcp", 22, 22), ["tcp dport 22-22 ct mark set 1 accept"]),
        (rule("udp", -1, -1), ["meta l4proto udp ct mark set 1 accept"]),
        (rule("icmp", 8, -1), ["icmp type 8 ct mark set 0 accept"]),
        (rule("tcp", 22, 22, HERE), [f"ip saddr {HERE} tcp dport 22-22 ct mark set 0 accept"]),
        (rule("tcp", 22, 22, "sg-a"), ["ip saddr @sg_a tcp dport 22-22 ct mark set 0 accept"]),
        (
            rule("-1"),
            ["meta l4proto { tcp, udp } ct mark set 1 accept", "ct mark set 0 accept"],
        ),
    ],
)
def test_what_comes_from_anywhere_to_who_may_answer_anybody_is_not_tracked(one, ingress):
    group = Group(group_id="sg-a", ingress=(one,), egress=(rule("-1"),))
    assert chain(ruleset(Policy(groups=(group,)), []), "in_sg_a") == ingress


def test_a_rule_for_a_group_that_is_not_there_lets_nobody_in():
    group = Group(group_id="sg-a", ingress=(rule("-1", peer="sg-gone"),))
    assert chain(ruleset(Policy(groups=(group,)), []), "in_sg_a") == []


def test_a_host_may_do_what_any_of_its_groups_allows_and_nothing_else():
    groups = (Group(group_id="sg-a"), Group(group_id="sg-b"))
    hosts = [member("10.0.0.4", "sg-a", "sg-b"), member("10.0.0.5"), member("10.0.0.6", "sg-gone")]
    text = ruleset(Policy(groups=groups), hosts)
    assert chain(text, "in_10_0_0_4") == ["jump in_sg_a", "jump in_sg_b", "drop"]
    assert chain(text, "out_10_0_0_4") == ["jump out_sg_a", "jump out_sg_b", "drop"]
    assert chain(text, "in_10_0_0_5") == chain(text, "out_10_0_0_6") == ["drop"]
    assert elements(text, "sg_a") == ["10.0.0.4"]
    assert elements(text, "sg_b") == ["10.0.0.4"]


def test_only_hosts_of_subnets_with_a_route_have_an_inside_and_an_outside():
    hosts = [
        member("10.0.0.4", public="10.213.0.4"),
        member("10.0.0.5"),
        member("10.0.32.4", public="10.213.0.5", subnet=PRIVATE),
    ]
    text = ruleset(Policy(internet=frozenset({PUBLIC})), hosts)
    assert elements(text, "to_private") == ["10.213.0.4 : 10.0.0.4"]
    assert elements(text, "to_public") == ["10.0.0.4 : 10.213.0.4"]
    assert elements(text, "internet") == ["10.0.0.4"]
    assert elements(ruleset(Policy(), hosts), "internet") == []


@pytest.mark.parametrize(
    "values",
    [
        {"protocol": "tcp; drop", "peer": WORLD},
        {"protocol": "tcp", "first": 70000, "peer": WORLD},
        {"protocol": "tcp", "first": "1; x", "peer": WORLD},
    ],
)
def test_what_is_no_rule_is_refused(values):
    with pytest.raises(ValidationError):
        Rule(**values)


def test_what_is_no_group_is_refused():
    with pytest.raises(ValidationError):
        Group(group_id="sg-1 } }")


@pytest.mark.lab
def test_the_kernel_takes_it_twice():
    groups = (
        Group(group_id="sg-a", ingress=(rule("icmp", 3, 4), rule("50"), rule("-1", peer="sg-b"))),
        Group(group_id="sg-b", egress=(rule("tcp", 1, 2), rule("udp", 0, 65535))),
    )
    hosts = [member("10.0.0.4", "sg-a", "sg-b", public="10.213.0.4"), member("10.0.0.5", "sg-b")]
    text = ruleset(Policy(groups=groups, internet=frozenset({PUBLIC})), hosts)
    nft = shutil.which("nft")
    for given in (text, text * 2):
        done = subprocess.run(
            ["unshare", "--net", nft, "-f", "-"],
            input=given,
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
