"""How severe what looks have told is, and the figures of the worst host."""

from __future__ import annotations

import pytest

from autodeploy.contracts import Finding, TopicReport
from autodeploy.sheriff import scan


def finding(identifier: str, severity: str, resource: str = "x") -> Finding:
    return Finding(id=identifier, severity=severity, resource=resource, message=severity)


def report(host: str | None, *findings: Finding, **details) -> TopicReport:
    return TopicReport(host=host, topic="scan", findings=findings, details=details)


@pytest.mark.parametrize(
    ("severity", "least", "held"), [("high", "high", True), ("low", "high", False)]
)
def test_severities_are_in_order(severity, least, held):
    assert scan.is_at_least(finding("a", severity), least) is held


def test_figures_are_the_worst_hosts():
    lynis = {"hardening_index": 87, "warnings": 0, "suggestions": 20, "version": "3.0.8"}
    ssh = {"fail": 0, "warn": 2, "policy": "Hardened", "passed": True}
    sums = scan.summed(
        [
            report("host-1", lynis=lynis, units={"a.service": 1.1, "b.service": 2.0}),
            report("host-2", lynis={**lynis, "hardening_index": 61}, units={"a.service": 3.0}),
            report("host-1", ssh_audit=ssh),
            report("host-2", ssh_audit={**ssh, "fail": 1, "passed": False}),
        ]
    )
    assert sums["lynis"].hardening_index == 61
    assert (sums["ssh_audit"].fail, sums["ssh_audit"].passed) == (1, False)
    assert sums["units"] == {"a.service": 3.0, "b.service": 2.0}
    assert sums["tls"] is None


def test_what_a_host_tells_that_is_no_figure_is_left_out():
    sums = scan.summed(
        [
            report("host-1", lynis={"hardening_index": "much"}, units=["a"]),
            report("host-1", lynis=None, units={"a": "b"}),
        ]
    )
    assert sums == {"lynis": None, "ssh_audit": None, "units": {}, "tls": None}
