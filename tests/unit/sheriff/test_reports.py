"""What roles tell becomes reports; what is none is said to be none."""

from __future__ import annotations

import pytest

from autodeploy.contracts import Finding, SecurityConfig, TopicReport
from autodeploy.sheriff.reports import merged, reports_of, wanting

FINDING = {"id": "a", "severity": "low", "resource": "host-1", "message": "wide"}


def test_each_roles_fact_is_a_report_and_its_own_keys_are_details():
    facts = {
        "open_ports": [80],
        "scan_report": {"findings": [FINDING], "lynis": {"hardening_index": 87}},
        "firewall_report": {"verified": ["80 is open"], "changed": [], "not_verified": ["a: b"]},
    }
    firewall, scan = reports_of("host-1", facts)
    assert (firewall.topic, firewall.verified) == ("firewall", ("80 is open",))
    assert (scan.place, scan.findings) == ("host-1 scan", (Finding(**FINDING),))
    assert scan.details == {"lynis": {"hardening_index": 87}}


@pytest.mark.parametrize(
    "said", [None, "well", [], 7, {"verified": "all"}, {"findings": [{"id": 1}]}]
)
def test_what_is_no_report_verifies_nothing(said):
    (report,) = reports_of("host-1", {"hardening_report": said})
    assert (report.topic, report.verified) == ("hardening", ())
    assert report.not_verified


def test_of_two_reports_the_later_counts():
    old = TopicReport(host="host-1", topic="firewall", verified=("shut",))
    other = TopicReport(host="host-2", topic="firewall", verified=("shut",))
    new = TopicReport(host="host-1", topic="firewall", not_verified=("all: it is gone",))
    assert merged((old, other, new)) == (new, other)


def test_a_role_that_told_nothing_is_told_of():
    told = TopicReport(host="host-1", topic="firewall")
    (one,) = wanting("host-1", ("firewall", "hardening"), (told,))
    assert (one.topic, one.verified) == ("hardening", ())


def found(host, identifier, severity, resource="x"):
    """A report with one finding."""
    said = {"id": identifier, "severity": severity, "resource": resource, "message": severity}
    return TopicReport(host=host, topic=severity, findings=(Finding(**said),))


def findings(*reports):
    return SecurityConfig(hardened=True, reports=reports).findings


def test_a_security_says_each_thing_with_its_place_and_no_finding_twice():
    finding = Finding(**FINDING)
    report = TopicReport(host="host-1", topic="scan", verified=("a",), findings=(finding, finding))
    security = SecurityConfig(hardened=True, reports=(report, TopicReport(topic="network")))
    assert security.verified == ("host-1 scan: a",)
    assert security.findings == (finding,)


def test_the_same_on_two_hosts_is_two_findings():
    reports = [found(f"host-{number}", "CVE-1", "high", "package openssl") for number in (1, 2, 1)]
    resources = [one.resource for one in findings(*reports)]
    assert resources == ["host-1 package openssl", "host-2 package openssl"]


def test_of_two_severities_the_worse_counts_and_the_worst_comes_first():
    told = (("a", "low"), ("b", "medium"), ("a", "critical"), ("a", "high"))
    seen = findings(*(found(None, *one) for one in told))
    assert [(one.id, one.severity) for one in seen] == [("a", "critical"), ("b", "medium")]
