"""SARIF 2.1.0 as the standard and code hosts demand it."""

from __future__ import annotations

import json
import re

from autodeploy.cli import sarif
from autodeploy.contracts import Audit, Finding, TopicReport

FOUND = (
    Finding(id="CVE-1", severity="critical", resource="host-1 package openssl", message="old"),
    Finding(id="CVE-1", severity="critical", resource="host-2 package openssl", message="old"),
    Finding(id="port-undeclared", severity="low", resource="host-1 tcp/81", message="open"),
)


def document():
    reports = (TopicReport(topic="tls", not_verified=("TLS: not scanned, no address",)),)
    audit = Audit(
        application="shop",
        environment="production",
        deployment="d",
        time="2026-01-01T00:00:00Z",
        findings=FOUND,
        reports=reports,
    )
    return json.loads(sarif.document(audit))


def test_what_the_standard_requires_is_there():
    said = document()
    assert said["version"] == "2.1.0"
    assert said["$schema"].endswith("sarif-2.1.0.json")
    (run,) = said["runs"]
    assert run["tool"]["driver"]["name"] == "autodeploy"
    assert all(set(one) >= {"ruleId", "level", "message"} for one in run["results"])
    assert {one["level"] for one in run["results"]} <= {"none", "note", "warning", "error"}
    assert all(one["message"]["text"] for one in run["results"])
    assert run["invocations"][0]["executionSuccessful"] is True


def test_what_code_hosts_require_besides_is_there():
    (run,) = document()["runs"]
    for one in run["results"]:
        (place,) = one["locations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"]
        assert place["physicalLocation"]["region"]["startLine"] >= 1
        assert re.fullmatch("[0-9a-f]{64}", one["partialFingerprints"]["autodeploy/v1"])
    for rule in run["tool"]["driver"]["rules"]:
        assert 0 < float(rule["properties"]["security-severity"]) <= 10
        assert rule["shortDescription"]["text"]
    assert run["automationDetails"]["id"] == "autodeploy/shop/production/"


def test_a_rule_a_check_and_a_result_a_finding():
    (run,) = document()["runs"]
    assert [one["id"] for one in run["tool"]["driver"]["rules"]] == ["port-undeclared", "CVE-1"]
    assert [one["ruleIndex"] for one in run["results"]] == [1, 1, 0]


def test_what_was_not_looked_at_is_said_too():
    (run,) = document()["runs"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"] == "tls: TLS: not scanned, no address"
