"""Property 31: every scan finding is in the report, none twice.

Looks tell findings in any number and order, again and again, of hosts and of none, through roles
and from here. The oracle keeps a plain set of where and what.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.cli import sarif
from autodeploy.contracts import Audit, SecurityConfig, TopicReport
from autodeploy.contracts.security import SEVERITIES
from autodeploy.sheriff import merged
from autodeploy.sheriff.reports import reports_of

pytestmark = pytest.mark.property
hosts = st.sampled_from(["host-1", "host-10", "host-2"])
finding = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["CVE-1", "CVE-2", "port-undeclared"]),
        "severity": st.sampled_from(SEVERITIES),
        "resource": st.sampled_from(["package a", "package b", "tcp/1", "host 1", ""]),
        "message": st.text(max_size=3),
    }
)
findings = st.lists(finding, max_size=6)
told = st.tuples(
    st.dictionaries(hosts, findings),
    st.dictionaries(st.sampled_from(["tls", "dependencies", "inspector"]), findings),
)


@given(told)
def test_every_finding_is_in_the_report_and_none_twice(looks):
    on_hosts, elsewhere = looks
    reports = merged(
        [
            *(
                report
                for host, found in on_hosts.items()
                for report in reports_of(host, {"scan_report": {"findings": found}})
            ),
            *(
                TopicReport.model_validate({"topic": topic, "findings": found})
                for topic, found in elsewhere.items()
            ),
        ]
    )
    worst: dict[tuple[str, str], int] = {}
    for host, found in [*on_hosts.items(), *((None, one) for one in elsewhere.values())]:
        for one in found:
            place = f"{host} {one['resource']}" if host else one["resource"]
            key = one["id"], place
            worst[key] = max(worst.get(key, 0), SEVERITIES.index(one["severity"]))
    placed = SecurityConfig(hardened=True, reports=reports).findings
    keys = [(one.id, one.resource) for one in placed]
    assert len(keys) == len(set(keys))
    assert {(one.id, one.resource): SEVERITIES.index(one.severity) for one in placed} == worst
    assert [one.severity for one in placed] == sorted(
        (one.severity for one in placed), key=SEVERITIES.index, reverse=True
    )
    _in_sarif(placed, reports)


def _in_sarif(placed, reports):
    """Code hosts are shown as many, and can tell them apart."""
    audit = Audit(
        application="shop",
        environment="production",
        deployment="d",
        time="2026-01-01T00:00:00Z",
        findings=placed,
        reports=reports,
    )
    (run,) = json.loads(sarif.document(audit))["runs"]
    rules = [one["id"] for one in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert [rules[one["ruleIndex"]] for one in run["results"]] == [one.id for one in placed]
    marks = {one["partialFingerprints"]["autodeploy/v1"] for one in run["results"]}
    assert len(marks) == len(placed)
