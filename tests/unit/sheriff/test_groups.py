"""Rules that are wider than the application needs."""

from __future__ import annotations

import pytest

from autodeploy.sheriff.groups import Rule, review


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
        ("icmp", 0, 65535, "0.0.0.0/0", "high"),
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
