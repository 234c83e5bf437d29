"""What is said of a firewall, and which one a host has."""

from __future__ import annotations

import pytest

import rolekit

report = rolekit.load("firewall/module_utils/firewall_report.py")
backends = rolekit.load("firewall/module_utils/firewall_backends.py")
RIGHT = {"active": True, "ssh": True, "opened": {22, 80}}
TOLD = {"commands": ["ufw allow 80/tcp"], "guard": {"armed": True, "reverted": None}}


def test_only_what_reads_back_as_declared_is_verified():
    (found,) = report.facts("UFW", RIGHT, [80], [22], TOLD).values()
    assert found["verified"] == ["UFW lets in SSH (port 22) and, of TCP, 80"]
    assert found["changed"] == ["ufw allow 80/tcp"]
    assert (found["not_verified"], found["findings"]) == ([], [])
    assert (found["open_ports"], found["ssh"], found["backend"]) == ([80], True, "UFW")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"active": False}, "off"),
        ({"ssh": False}, "SSH's ports [22] are closed"),
        ({"opened": {22, 80, 443}}, "[80, 443] besides SSH, not exactly [80]"),
        ({"opened": {22}}, "[] besides SSH, not exactly [80]"),
    ],
)
def test_what_differs_is_not_verified_and_in_check_mode_nothing_was_changed(wrong, why):
    told = {**TOLD, "check": True}
    (found,) = report.facts("UFW", {**RIGHT, **wrong}, [80], [22], told).values()
    assert found["verified"] == found["changed"] == []
    assert why in found["not_verified"][0]


def test_what_the_host_took_back_is_a_finding():
    told = {**TOLD, "guard": {"armed": False, "reverted": "it was"}}
    (found,) = report.facts("UFW", RIGHT, [80], [22], told).values()
    (one,) = found["findings"]
    assert (one["id"], one["severity"], one["message"]) == ("change-reverted", "high", "it was")


@pytest.mark.parametrize(
    ("wanted", "present", "active", "name"),
    [
        ("auto", [], [], "ufw"),
        ("auto", ["firewalld"], [], "firewalld"),
        ("auto", ["ufw", "firewalld"], [], "ufw"),
        ("auto", ["ufw", "firewalld"], ["firewalld"], "firewalld"),
        ("firewalld", ["ufw"], [], "firewalld"),
        ("ufw", ["ufw"], ["ufw"], "ufw"),
    ],
)
def test_the_firewall_is_the_one_at_work(wanted, present, active, name):
    assert backends.chosen(wanted, present, active) == name


@pytest.mark.parametrize(
    ("wanted", "active"), [("ufw", ["firewalld"]), ("auto", ["ufw", "firewalld"])]
)
def test_two_at_once_are_refused(wanted, active):
    with pytest.raises(backends.TwoFirewalls, match="is at work"):
        backends.chosen(wanted, active, active)
