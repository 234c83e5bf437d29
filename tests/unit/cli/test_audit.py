"""`audit`: which application, what is printed, exit codes, and who is asked for Inspector."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from autodeploy import conductor
from autodeploy.cli.main import autodeploy
from autodeploy.contracts import Audit, Finding, Lynis, SshAudit, Tls, TopicReport
from autodeploy.errors import UsageError
from autodeploy.journal import DirectoryStore

LYNIS = Lynis(hardening_index=87, warnings=1, suggestions=20, version="3.0.8")
FOUND = Audit(
    application="shop",
    environment="production",
    deployment="d",
    time="2026-01-01T00:00:00Z",
    lynis=LYNIS,
    ssh_audit=SshAudit(fail=0, warn=2, policy="Hardened Debian 12 (version 3)", passed=True),
    units={"shop-web-1.service": 1.1},
    tls=Tls(address="shop.test:443", protocols=("TLSv1.3",), trusted=True, days=60),
    findings=(
        Finding(id="lynis-x", severity="high", resource="host-1 lynis", message="bad\x1b[31m"),
        *(
            Finding(id=f"CVE-{one}", severity="low", resource="host-1 package a", message="old")
            for one in range(14)
        ),
    ),
    reports=(TopicReport(host="host-1", topic="scan", not_verified=("tracker: not scanned",)),),
)


@pytest.fixture
def shop(home, monkeypatch):
    """An application in this AUTODEPLOY_HOME whose audit finds all of FOUND."""
    said = {"operation": "deploy", "application": "shop", "environment": "production"}
    where = {"target": "lab", "region": None, "repository": None, "tool_version": "0"}
    DirectoryStore(home).create(**said, **where)
    monkeypatch.setattr(conductor, "audit", lambda *_: FOUND)
    return home


def run(*words, **more):
    return CliRunner().invoke(
        autodeploy, ["audit", *words], catch_exceptions=False, standalone_mode=False, **more
    )


def test_people_are_shown_figures_findings_and_gaps(shop):
    done = run("shop")
    assert done.return_value == 0
    said = done.output
    assert "hardening index 87, 1 warning, " in said
    assert "0 fail, 2 warn, meets Hardened Debian 12 (version 3)" in said
    assert "shop-web-1.service: exposure 1.1 of 10" in said
    assert "shop.test:443: TLSv1.3, 60 days left" in said
    assert "not verified: host-1: tracker: not scanned" in said
    assert "1 high, 14 low" in said
    assert said.count("CVE-") == 12
    assert "2 more; --json has all" in said
    assert "\x1b" not in done.stdout


def test_a_program_gets_all_of_it(shop):
    said = json.loads(run("--json").stdout)
    assert said["lynis"] == LYNIS.model_dump()
    assert said["ssh_audit"]["fail"] == 0
    assert len(said["findings"]) == 15
    assert {"units", "tls"} <= said.keys()


@pytest.mark.parametrize(
    ("least", "code"), [("critical", 0), ("high", 2), ("medium", 2), ("low", 2)]
)
def test_the_exit_code_is_asked_for(shop, least, code):
    assert run("shop", "--fail-on", least).return_value == code


def test_sarif_is_a_file_besides(shop, tmp_path):
    assert run("shop", "--sarif", str(tmp_path / "a.sarif")).return_value == 0
    assert json.loads((tmp_path / "a.sarif").read_text())["version"] == "2.1.0"


def test_without_a_name_there_must_be_one_alone(shop):
    said = {"operation": "deploy", "application": "other", "environment": "production"}
    where = {"target": "lab", "region": None, "repository": None, "tool_version": "0"}
    assert run().return_value == 0
    DirectoryStore(shop).create(**said, **where)
    with pytest.raises(UsageError, match="APPLICATION is not said"):
        run()


def test_inspector_is_only_awss(shop):
    with pytest.raises(UsageError, match="is not on AWS"):
        run("shop", "--enable-inspector", "--yes")


@pytest.mark.parametrize(("yes", "enabled"), [((), []), (("--yes",), [1])])
def test_inspector_is_enabled_only_once_that_is_agreed(shop, monkeypatch, yes, enabled):
    calls = []
    monkeypatch.setattr(conductor, "enable_inspector", lambda _where: calls.append(1) or "ENABLING")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    said = {"operation": "deploy", "application": "far", "environment": "production"}
    where = {"target": "aws", "region": "eu-central-1", "repository": None, "tool_version": "0"}
    DirectoryStore(shop).create(**said, **where)
    if yes:
        said = run("far", "--enable-inspector", *yes).stderr
        assert "Amazon Inspector is enabling" in said
    else:
        with pytest.raises(UsageError, match="cannot be asked"):
            run("far", "--enable-inspector")
    assert calls == enabled
