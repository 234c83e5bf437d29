"""An audit as SARIF 2.1.0, which code hosts show beside the code."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from autodeploy import __version__
from autodeploy.contracts import Audit, Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
HOME = "https://pypi.org/project/autodeploy/"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
"""Code hosts sort by a score of 0 to 10: one in the middle of each severity's range of CVSS."""


def document(audit: Audit) -> str:
    """The document: a rule a check, a result a finding.

    Args:
        audit: What was found.
    """
    rules = {one.id: one for one in reversed(audit.findings)}
    index = {identifier: number for number, identifier in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "autodeploy",
                "version": __version__,
                "semanticVersion": __version__,
                "informationUri": HOME,
                "rules": [_rule(one) for one in rules.values()],
            }
        },
        "automationDetails": {"id": f"autodeploy/{audit.application}/{audit.environment}/"},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _gaps(audit)}],
        "results": [_result(audit, one, index[one.id]) for one in audit.findings],
    }
    said = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(said, indent=2) + "\n"


def _rule(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "shortDescription": {"text": finding.id},
        "defaultConfiguration": {"level": LEVELS[finding.severity]},
        "properties": {"security-severity": SCORES[finding.severity], "tags": ["security"]},
    }


def _result(audit: Audit, finding: Finding, number: int) -> dict[str, Any]:
    """What was found is in no file: its place is a logical one, and a file's to those who ask."""
    identity = f"{audit.application}/{audit.environment}/{finding.id}/{finding.resource}"
    return {
        "ruleId": finding.id,
        "ruleIndex": number,
        "level": LEVELS[finding.severity],
        "message": {"text": f"{finding.resource}: {finding.message}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "autodeploy.yml"},
                    "region": {"startLine": 1},
                },
                "logicalLocations": [{"fullyQualifiedName": finding.resource, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"autodeploy/v1": hashlib.sha256(identity.encode()).hexdigest()},
    }


def _gaps(audit: Audit) -> list[dict[str, Any]]:
    """What was not looked at: no result says so."""
    return [
        {"level": "note", "message": {"text": f"{report.place}: {what}"}}
        for report in audit.reports
        for what in report.not_verified
    ]
