"""What the looks of the role `scan` make of what they read."""

from __future__ import annotations

import pytest

LYNIS = """# Lynis Report
report_version_major=1
lynis_version=3.0.8
warning[]=PKGS-7392|Found one or more vulnerable packages.|text|-|
warning[]=NETW-2705|Couldn't find 2 responsive nameservers|-|-|
suggestion[]=DEB-0280|Install libpam-tmpdir|-|-|
hardening_index=61
"""
SHOWN = """Id=shop-web-1.service
ActiveState=active
FragmentPath=/etc/systemd/system/shop-web-1.service

Id=shop-old.service
FragmentPath=/etc/systemd/system/shop-old.service
ActiveState=inactive

FragmentPath=/lib/systemd/system/ssh.service
ActiveState=active
Id=ssh.service
"""
SIMULATED = """Inst libssl3 [3.0.15-1] (3.0.16-1 Debian-Security:12/stable-security [amd64])
Inst base-files [12.4] (12.5 Debian:12.15/stable [amd64])
Inst new-package (1.0 Debian-Security:12/stable-security [amd64])
Conf libssl3 (3.0.16-1 Debian-Security:12/stable-security [amd64])
"""
TCP = """  sl  local_address rem_address st tx_queue
   0: 00000000:0016 00000000:0000 0A 0
   1: 0100007F:1F90 00000000:0000 0A 0
   2: 0200007F:0035 00000000:0000 0A 0
   3: 0A00020A:0050 0100000A:C350 01 0
"""
TCP6 = """  sl  local_address remote_address st tx_queue
   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0
   1: 00000000000000000000000001000000:0CEA 00000000000000000000000000000000:0000 0A 0
   2: 0000000000000000FFFF00000100007F:1A0B 00000000000000000000000000000000:0000 0A 0
   3: 000080FE00000000000000FF01000000:1538 00000000000000000000000000000000:0000 0A 0
"""
RELEASES = {
    "mended": {"bookworm": {"status": "resolved", "fixed_version": "2", "urgency": "high**"}},
    "newer": {"bookworm": {"status": "resolved", "fixed_version": "0", "urgency": "high"}},
    "open": {"bookworm": {"status": "open", "urgency": "not yet assigned"}},
    "no matter": {"bookworm": {"status": "open", "urgency": "unimportant"}},
    "elsewhere": {"trixie": {"status": "open", "urgency": "high"}},
    "unrated": {
        "bookworm": {"status": "resolved", "fixed_version": "3", "urgency": "not yet assigned"}
    },
}
TRACKER = {
    "openssl": {name: {"releases": said} for name, said in RELEASES.items()},
    "absent": {"CVE": {"releases": RELEASES["mended"]}},
}


@pytest.fixture(scope="module")
def look(plugin):
    return lambda name: plugin(f"scan/module_utils/scan_{name}.py")


def test_lynis_is_told_in_figures_and_each_warning_is_a_finding(look):
    lynis = look("lynis")
    report = lynis.told(lynis.values(LYNIS))
    assert report["lynis"] == {
        "hardening_index": 61,
        "warnings": 2,
        "suggestions": 1,
        "version": "3.0.8",
    }
    assert [(one["id"], one["message"]) for one in report["findings"]] == [
        ("lynis-pkgs-7392", "Found one or more vulnerable packages.: text"),
        ("lynis-netw-2705", "Couldn't find 2 responsive nameservers"),
    ]
    assert report["verified"] == []


def test_a_report_without_an_index_is_none(look):
    report = look("lynis").told({"warning": ["A|b|-|-|"]})
    assert report["lynis"] is None
    assert report["not_verified"]
    assert report["findings"] == []


def test_the_administrators_active_units_are_judged(look):
    units = look("units")
    names = units.own_services(SHOWN)
    assert names == {"shop-web-1.service"}
    scores = [
        {"unit": "shop-web-1.service", "exposure": "9.2"},
        {"unit": "ssh.service", "exposure": "9.6"},
    ]
    report = units.told(names, scores)
    assert report["units"] == {"shop-web-1.service": 9.2}
    assert [one["resource"] for one in report["findings"]] == ["shop-web-1.service"]
    fine = units.told(names, [{"unit": "shop-web-1.service", "exposure": "1.1"}])
    assert not fine["findings"]
    assert fine["verified"]


def test_only_ports_beyond_loopback_count(look):
    ports = look("ports")
    assert ports.beyond_loopback(TCP) == {0x16}
    assert ports.beyond_loopback(TCP6) == {0x50, 0x1538}


@pytest.mark.parametrize(
    ("declared", "surplus"), [({22, 80}, ["tcp/5432"]), ({22, 80, 5432, 443}, []), (set(), [])]
)
def test_what_is_not_declared_is_found(look, declared, surplus):
    report = look("ports").told({22, 80, 5432}, declared)
    assert [one["resource"] for one in report["findings"]] == surplus
    assert report["listening"] == [22, 80, 5432]
    assert bool(report["verified"]) is not bool(surplus)


def test_security_updates_alone_are_found(look):
    packages = look("packages")
    assert packages.pending(SIMULATED) == [("libssl3", "3.0.15-1", "3.0.16-1")]
    assert [
        one["resource"] for one in packages.told(packages.pending(SIMULATED), 0)["findings"]
    ] == ["package libssl3"]


@pytest.mark.parametrize(("age", "verified"), [(0.5, True), (3, False)])
def test_old_lists_verify_nothing(look, age, verified):
    report = look("packages").told([], age)
    assert bool(report["verified"]) is verified
    assert bool(report["not_verified"]) is not verified


def test_the_tracker_is_asked_for_this_release_and_what_is_installed(look):
    tracker = look("tracker")
    known = list(tracker.entries(TRACKER, "bookworm", {"openssl": "1"}))
    applying = [one for one in known if tracker.applies(one, lambda one, other: one < other)]
    found = {one["id"]: one["severity"] for one in tracker.told(applying)["findings"]}
    assert found == {"mended": "high", "open": "low", "unrated": "medium"}
    mended = list(tracker.entries(TRACKER, "bookworm", {"openssl": "4"}))
    assert [one[2] for one in mended if tracker.applies(one, lambda a, b: a < b)] == ["open"]


def test_a_tracker_that_is_no_json_is_said(look, tmp_path):
    path = tmp_path / "tracker.json"
    path.write_text("{")
    (said,) = look("tracker").look_up(None, str(path))["not_verified"]
    assert str(path) in said
    (said,) = look("tracker").look_up(None, "")["not_verified"]
    assert "no copy" in said


def test_parts_become_one_report_with_every_entry_once(look):
    report = look("report")
    found = report.finding("a", "low", "b", "c")
    whole = report.merged(
        [
            report.part(verified=["x"], findings=[found], lynis=None),
            report.part(verified=["x", "y"], findings=[found], units={}),
        ]
    )
    assert whole == {
        "verified": ["x", "y"],
        "changed": [],
        "not_verified": [],
        "findings": [found],
        "lynis": None,
        "units": {},
    }
