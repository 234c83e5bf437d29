"""Rules that are wider than the application needs."""

from __future__ import annotations

import pytest

from autodeploy.sheriff.groups import Rule, review


@pytest.mark.parametrize(
    ("first", "last", "source", "found"),
    [
        (80, 80, "0.0.0.0/0", None),
        (80, 80, "::/0", None),
        (22, 22, "203.0.113.7/32", None),
        (22, 22, "0.0.0.0/0", "critical"),
        (0, 65535, "::/0", "critical"),
        (5432, 5432, "0.0.0.0/0", "high"),
        (80, 81, "0.0.0.0/0", "high"),
        (5432, 5432, "10.0.0.0/16", None),
    ],
)
def test_review(first, last, source, found):
    findings = review([Rule(group="sg-1", first=first, last=last, source=source)], [80])
    assert [finding.severity for finding in findings] == ([found] if found else [])
