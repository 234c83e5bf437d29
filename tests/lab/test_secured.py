"""Hosts that are hardened before anybody reaches them: once, and again where that has a reason."""

from __future__ import annotations

import pytest

from autodeploy.journal import DirectoryStore
from autodeploy.journal.events import StepEnded
from autodeploy.paths import home
from roadkit import autodeploy, deploy, get, on_host, unbuilt

pytestmark = pytest.mark.lab

NAME = "secured"


@pytest.fixture
def folder(lab, monkeypatch, tmp_path):
    """An application, hardened where nobody says otherwise; gone from the lab at the end."""
    monkeypatch.delenv("AUTODEPLOY_HARDEN")
    yield unbuilt(tmp_path / NAME)
    autodeploy("destroy", NAME, "--yes")


def history(state):
    """What the log of a deployment has."""
    return DirectoryStore(home()).history(state["deployment_id"])


def hardened(state):
    """The steps of the role, as (agent, host)."""
    steps = [one for one in history(state) if isinstance(one, StepEnded)]
    return {(one.agent, one.host) for one in steps if one.step.startswith("hardening : ")}


def security():
    return autodeploy("status", NAME)["security"]


def test_hosts_are_hardened_before_the_release_and_again_for_a_reason(folder):
    left_out = deploy(folder, "--no-harden")
    assert hardened(left_out) == set()
    assert security()["hardened"] is False
    assert "host-1 hardening: everything: --no-harden" in security()["not_verified"]

    first = deploy(folder)
    assert hardened(first) == {("sheriff", f"{NAME}-production-host-1")}
    said = [type(one).__name__ for one in history(first)]
    assert said.index("HostSecured") < said.index("ReleaseActivated")
    told = security()
    assert told["hardened"] is True
    assert "host-1 hardening: fail2ban never bans a controller" in told["verified"]
    assert any(one.startswith("host-1 hardening: ") for one in told["not_verified"])
    assert get(first["url"])[0] == 200
    assert on_host(NAME, "sudo", "sshd", "-T").stdout.count("passwordauthentication no") == 1

    assert deploy(folder)["changed"] is False
    (folder / "autodeploy.yml").write_text("env: {GREETING: changed}\n")
    second = deploy(folder)
    assert (second["changed"], hardened(second)) == (True, set())
    assert security()["verified"] == told["verified"]

    (folder / "autodeploy.yml").write_text("hardening: {banners: false}\n")
    assert hardened(deploy(folder)) == {("sheriff", f"{NAME}-production-host-1")}
    assert get(first["url"])[0] == 200
