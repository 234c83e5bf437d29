"""Rules that are wider than the application needs."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from autodeploy.contracts import Host, InfrastructureSpec
from autodeploy.sheriff.groups import Rule, network_report, review

HOST = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 A", instance_id="i-1")
WHERE = {"application": "shop", "environment": "production", "target": "aws", "ssh_key": None}
SPEC = InfrastructureSpec(**WHERE, image="debian-12", hosts=(HOST,), ingress_ports=(80,))
EVERYBODY = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


def report(*permissions, interfaces=("sg-1",)):
    """The report where the hosts' interfaces are in these groups, which let that in each."""
    groups = [
        {"GroupId": one, "IpPermissions": [{"IpProtocol": "tcp", **each} for each in permissions]}
        for one in interfaces
    ]
    first, *_ = interfaces
    instance = {
        "SecurityGroups": [{"GroupId": first}],
        "NetworkInterfaces": [{"Groups": [{"GroupId": one}]} for one in interfaces],
    }
    ec2 = SimpleNamespace(
        describe_instances=lambda **_: {"Reservations": [{"Instances": [instance]}]},
        describe_security_groups=lambda GroupIds: {  # noqa: N803 - it is AWS's name
            "SecurityGroups": [one for one in groups if one["GroupId"] in GroupIds]
        },
    )
    return network_report(SimpleNamespace(ec2=lambda: ec2), SPEC)


def test_what_is_let_in_to_the_declared_ports_alone_is_verified():
    told = report({"FromPort": 80, "ToPort": 80, **EVERYBODY})
    assert told.verified == ("1 security group: everybody is let in to 80 alone",)
    assert told.not_verified == told.findings == ()


def test_who_is_in_a_prefix_list_is_not_verified():
    lists = {"PrefixListIds": [{"PrefixListId": "pl-1"}]}
    told = report({"FromPort": 22, "ToPort": 22, **lists}, {"FromPort": 80, "ToPort": 80, **lists})
    assert told.verified == told.findings == ()
    assert told.not_verified == (
        "sg-1: tcp 22 is open to the prefix list pl-1, whose addresses are not looked at",
    )


def test_the_groups_of_every_interface_count():
    told = report({"FromPort": 8080, "ToPort": 8080, **EVERYBODY}, interfaces=("sg-1", "sg-2"))
    assert [one.resource for one in told.findings] == ["sg-1", "sg-2"]


@pytest.mark.parametrize(
    ("protocol", "first", "last", "source", "found"),
    [
        ("tcp", 80, 80, "0.0.0.0/0", None),
        ("tcp", 80, 80, "::/0", None),
        ("tcp", 22, 22, "203.0.113.7/32", None),
        ("tcp", 22, 22, "10.0.0.0/8", None),
        ("tcp", 22, 22, "9.9.0.0/16", "medium"),
        ("tcp", 22, 22, "0.0.0.0/0", "critical"),
        ("tcp", 22, 22, "0.0.0.0/1", "critical"),
        ("tcp", 22, 22, "8.0.0.0/7", "critical"),
        ("tcp", 0, 65535, "::/0", "critical"),
        ("-1", 0, 65535, "0.0.0.0/0", "critical"),
        ("tcp", 5432, 5432, "0.0.0.0/0", "critical"),
        ("tcp", 6379, 6379, "2000::/3", "critical"),
        ("udp", 0, 65535, "0.0.0.0/0", "high"),
        ("udp", 80, 80, "0.0.0.0/0", "high"),
        ("icmp", 0, 65535, "0.0.0.0/0", "low"),
        ("icmpv6", 0, 65535, "::/0", "low"),
        ("tcp", 80, 81, "0.0.0.0/0", "high"),
        ("tcp", 8080, 8080, "::/0", "high"),
        ("tcp", 5432, 5432, "10.0.0.0/16", None),
    ],
)
def test_review(protocol, first, last, source, found):
    rule = Rule(group="sg-1", protocol=protocol, first=first, last=last, source=source)
    findings = review([rule], [80])
    assert [finding.severity for finding in findings] == ([found] if found else [])


def test_the_worst_comes_first():
    rules = [
        Rule(group="sg-1", first=8080, last=8080, source="0.0.0.0/0"),
        Rule(group="sg-2", first=22, last=22, source="::/0"),
    ]
    first, second = review(rules, [80])
    assert (first.id, first.resource) == ("security-group-ssh-open", "sg-2")
    assert (second.id, second.resource) == ("security-group-too-wide", "sg-1")
