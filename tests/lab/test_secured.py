"""Hosts that are hardened before anybody reaches them: once, and again where that has a reason."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import canarykit
from autodeploy.journal import DirectoryStore
from autodeploy.journal.events import StepEnded
from autodeploy.paths import home
from labkit import until
from roadkit import autodeploy, deploy, get, on_host, unbuilt

pytestmark = pytest.mark.lab

NAME = "secured"
CANARY = "Can4ry-of-hardened-hosts"


@pytest.fixture
def temporary(monkeypatch):
    """Where commands keep what is temporary: a short path, for the sockets in it."""
    made = Path(tempfile.mkdtemp())
    monkeypatch.setenv("TMPDIR", str(made))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def folder(lab, monkeypatch, tmp_path):
    """An application, hardened where nobody says otherwise; gone from the lab at the end."""
    monkeypatch.delenv("AUTODEPLOY_HARDEN")
    yield unbuilt(tmp_path / NAME)
    autodeploy("destroy", NAME, "--yes")


def assert_nowhere_here(temporary):
    """No file that commands of ours write to holds the canary."""
    parts = [home() / one for one in ("applications", "deployments", "cache")]
    assert canarykit.files_with(NAME, *parts), "not looked where it would be"
    assert canarykit.files_with(CANARY, *parts, temporary) == []


def assert_in_its_file_alone():
    """Nothing on the host holds it but what the application's processes are given."""
    found = on_host(NAME, canarykit.on_host(CANARY)).stdout.split()
    assert {str(Path(one).parent) for one in found} == {f"/srv/{NAME}/environment"}


def killed_while_it_hardens(folder):
    """A deployment whose controller is gone in the middle of the role; its id."""
    line = [sys.executable, "-m", "autodeploy", "deploy", str(folder), "--target", "lab"]
    running = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: running.poll() is not None or hardened(autodeploy("status", NAME)), 300)
    assert running.poll() is None
    running.send_signal(signal.SIGKILL)
    running.wait()
    return autodeploy("status", NAME)["deployment_id"]


def history(state):
    """What the log of a deployment has."""
    return DirectoryStore(home()).history(state["deployment_id"])


def hardened(state):
    """The steps of the role, as (agent, host)."""
    steps = [one for one in history(state) if isinstance(one, StepEnded)]
    return {(one.agent, one.host) for one in steps if one.step.startswith("hardening : ")}


def at_least_high(audit, *more):
    """The severe findings of an audit, as (id, resource)."""
    severe = {"critical", "high", *more}
    return {(one["id"], one["resource"]) for one in audit["findings"] if one["severity"] in severe}


def security():
    return autodeploy("status", NAME)["security"]


def test_hosts_are_hardened_before_the_release_and_again_for_a_reason(folder, temporary):
    (folder / "autodeploy.yml").write_text("secrets: {TOKEN: {}}\n")
    autodeploy("secrets", "set", NAME, "TOKEN", "--target", "lab", said=CANARY)
    left_out = deploy(folder, "--no-harden")
    assert hardened(left_out) == set()
    assert security()["hardened"] is False
    assert "host-1 hardening: everything: --no-harden" in security()["not_verified"]

    broken_off = killed_while_it_hardens(folder)
    assert_nowhere_here(temporary)
    assert get(left_out["url"])[0] == 200
    first = autodeploy("retry", broken_off)
    assert first["status"] == "completed"
    assert_nowhere_here(temporary)
    assert_in_its_file_alone()
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
    (folder / "autodeploy.yml").write_text("{secrets: {TOKEN: {}}, env: {GREETING: changed}}\n")
    second = deploy(folder)
    assert (second["changed"], hardened(second)) == (True, set())
    assert security()["verified"] == told["verified"]

    (folder / "autodeploy.yml").write_text("{secrets: {TOKEN: {}}, hardening: {banners: false}}\n")
    assert hardened(deploy(folder)) == {("sheriff", f"{NAME}-production-host-1")}
    assert get(first["url"])[0] == 200
    assert_nowhere_here(temporary)
    assert_in_its_file_alone()

    assert at_least_high(autodeploy("audit", NAME, "--fail-on", "high")) == set()
    weak = "/etc/ssh/sshd_config.d/00-aaa.conf"
    on_host(NAME, f"echo PermitRootLogin yes | sudo tee {weak}; sudo ufw disable")
    said = at_least_high(autodeploy("audit", NAME, "--fail-on", "high", code=2))
    assert said == {("firewall-differs", "host-1 firewall"), ("ssh-setting", f"host-1 {weak}")}
    assert get(first["url"])[0] == 200
    on_host(NAME, f"echo NoSuchOption yes | sudo tee {weak}")
    said = at_least_high(autodeploy("audit", NAME), "medium")
    assert ("not-looked-at", "host-1 hardening") in said
