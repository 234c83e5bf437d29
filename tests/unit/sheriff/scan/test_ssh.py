"""What ssh-audit's document says, and what is said without one."""

from __future__ import annotations

import pytest

from autodeploy.contracts import Host
from autodeploy.sheriff.scan import ssh, tools

HOST = Host(name="host-1", address="127.0.0.1", port=9, host_key="ssh-ed25519 AAAA")
POLICY = "Hardened Debian 12 (version 3)"
SAID = {
    "kex": [
        {"algorithm": "bad", "notes": {"fail": ["broken"], "warn": ["old", "weak"]}},
        {"algorithm": "good", "notes": {"info": ["available since"]}},
    ],
    "key": [{"algorithm": "ssh-ed25519", "notes": {}}],
    "mac": [{"algorithm": "umac", "notes": {"warn": ["small"]}}],
    "enc": None,
}


@pytest.mark.parametrize(("passed", "policy"), [(True, POLICY), (False, POLICY), (None, None)])
def test_its_document(passed, policy):
    report = ssh.read("host-1", SAID, POLICY, passed)
    assert report.details["ssh_audit"] == {
        "fail": 1,
        "warn": 2,
        "policy": policy,
        "passed": passed,
    }
    assert [(one.severity, one.resource, one.message) for one in report.findings] == [
        ("high", "SSH kex bad", "broken"),
        ("low", "SSH kex bad", "old; weak"),
        ("low", "SSH mac umac", "small"),
    ]
    assert bool(report.verified) is (passed is True)
    assert bool(report.not_verified) is (passed is None)


def test_without_a_failure_that_is_verified():
    assert ssh.read("host-1", {}, None, None).verified == (
        "SSH offers no algorithm that ssh-audit fails",
    )


def test_without_ssh_audit_it_says_what_brings_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tools.sys, "executable", str(tmp_path / "python"))
    (said,) = ssh.scan_ssh(HOST, "debian-12").not_verified
    assert said.startswith("SSH's algorithms: not scanned, ssh-audit is not installed here")
    assert "WHEEL[audit]" in said


def test_a_host_that_does_not_answer_is_not_scanned():
    report = ssh.scan_ssh(HOST, "debian-12")
    (said,) = report.not_verified
    assert said.startswith("SSH's algorithms: not scanned, ")
    assert (report.verified, report.findings) == ((), ())
