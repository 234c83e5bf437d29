"""ssh-audit against a host, from here: what SSH offers to whoever comes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from autodeploy.contracts import Finding, Host, SshAudit, TopicReport
from autodeploy.contracts.security import Severity
from autodeploy.sheriff.scan.tools import EXTRA, NotScanned, program, told

TOPIC = "ssh_audit"
POLICIES = {
    "debian-12": "Hardened Debian 12 (version 3)",
    "debian-13": "Hardened Debian 13 (version 1)",
}
"""ssh-audit's own, by image."""
KINDS = ("kex", "key", "enc", "mac")
LEVELS: tuple[tuple[str, Severity], ...] = (("fail", "high"), ("warn", "low"))


def scan_ssh(host: Host, image: str) -> TopicReport:
    """What ssh-audit says of a host.

    Args:
        host: The host; SSH from here reaches it.
        image: Its system, for the policy.
    """
    try:
        tool = program("ssh-audit")
    except NotScanned as why:
        return _unscanned(host, f"{why}: {EXTRA}")
    # Its test of how many connections are taken is an attack.
    line = (tool, "--skip-rate-test", "--json", "-p", str(host.port))
    try:
        said = _json(told([*line, host.address]).stdout)
        policy = POLICIES.get(image)
        met = _json(told([*line, "-P", policy, host.address]).stdout) if policy else {}
    except NotScanned as why:
        return _unscanned(host, str(why))
    return read(host.name, said, policy, met.get("passed"))


def read(host: str, said: Mapping[str, Any], policy: str | None, passed: Any) -> TopicReport:
    """What its document says. Pure.

    Args:
        host: The host's name.
        said: The document.
        policy: The policy that was asked for besides.
        passed: Whether that is met; anything but a bool where ssh-audit does not know it.
    """
    found = tuple(_findings(said))
    judged = policy if isinstance(passed, bool) else None
    audit = SshAudit(
        fail=sum(one.severity == "high" for one in found),
        warn=sum(one.severity == "low" for one in found),
        policy=judged,
        passed=passed if judged else None,
    )
    fine = [] if audit.fail else ["SSH offers no algorithm that ssh-audit fails"]
    fine += [f"SSH meets the policy {judged}"] if passed is True and judged else []
    return TopicReport(
        host=host,
        topic=TOPIC,
        verified=tuple(fine),
        findings=found,
        not_verified=() if judged else ("policy: this ssh-audit knows none for the host's system",),
        details={TOPIC: audit.model_dump(mode="json")},
    )


def _unscanned(host: Host, why: str) -> TopicReport:
    return TopicReport(
        host=host.name, topic=TOPIC, not_verified=(f"SSH's algorithms: not scanned, {why}",)
    )


def _json(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        lines = text.strip().splitlines()
        raise NotScanned(f"ssh-audit said {lines[-1] if lines else 'nothing'}")
    return said


def _findings(said: Mapping[str, Any]) -> Iterator[Finding]:
    """One an algorithm and level."""
    for kind in KINDS:
        for one in said.get(kind) or ():
            notes = one.get("notes") or {}
            for level, severity in LEVELS:
                if texts := notes.get(level):
                    yield Finding(
                        id=f"ssh-algorithm-{level}",
                        severity=severity,
                        resource=f"SSH {kind} {one['algorithm']}",
                        message="; ".join(map(str, texts)),
                    )
