"""Hosts that are upgraded while clients ask, and one that is dead and replaced."""

from __future__ import annotations

import json
import shutil

import pytest

import zygote
from labkit import until
from load import load
from roadkit import ROOT, autodeploy, deploy

pytestmark = pytest.mark.lab
APP = "cared-for"


@pytest.fixture(scope="module")
def app(lab, tmp_path_factory):
    folder = tmp_path_factory.mktemp("apps") / APP
    shutil.copytree(ROOT / "examples/go-hello", folder)
    yield deploy(folder, "--hosts", "2")
    autodeploy("destroy", APP, "--yes")


def shown():
    return {one["name"]: one for one in autodeploy("hosts", "ls", APP)}


def boot(host):
    """What tells one boot of a host from another."""
    words = ["ssh", APP, "--host", host, "--", "cat /proc/sys/kernel/random/boot_id"]
    return zygote.run(words).stdout


def test_hosts_are_rebooted_in_turn_and_no_request_is_lost(app):
    until(lambda: {one["health"] for one in shown().values()} == {"healthy"}, 60)
    hosts = shown()
    assert {one["release"] for one in hosts.values()} == {app["release"]}
    assert len({one["zone"] for one in hosts.values()}) == 2
    before = [boot(name) for name in hosts]
    with load(app["url"], connections=8) as seen:
        done = autodeploy("hosts", "upgrade", APP, "--reboot")
    assert seen.lost == []
    assert [(one["host"], one["rebooted"]) for one in done] == [("host-1", True), ("host-2", True)]
    assert not set(before) & {boot(name) for name in hosts}
    # What has the newest packages is let be.
    again = autodeploy("hosts", "upgrade", APP, "host-2")
    assert again == [{"host": "host-2", "upgraded": False, "rebooted": False}]


def test_one_that_is_dead_is_replaced(app):
    words = ["ssh", APP, "--host", "host-2", "--", "sudo systemctl disable --now ssh nginx"]
    assert zygote.run(words).returncode == 0
    until(lambda: shown()["host-2"]["health"] == "unhealthy", 60)
    autodeploy("hosts", "replace", APP, "host-2", "--yes")
    after = shown()
    assert set(after) == {"host-1", "host-4"}  # In the zone of before: the even ones'
    assert {one["health"] for one in after.values()} == {"healthy"}
    told = json.dumps(autodeploy("drift", APP)["differences"])
    assert told == "[]"
