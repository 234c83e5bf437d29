"""Looking at hosts, with a real ssh: what cannot be reached is named, all of it."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from autodeploy.contracts import TechStack
from autodeploy.errors import HostsUnfit
from autodeploy.provisioner import Owner, find_hosts
from autodeploy.provisioner.existing.look import SCRIPT
from autodeploy.provisioner.existing.seen import parse
from autodeploy.settings import Settings

WEB = TechStack(processes={"web": "run"})
OWNER = Owner(application="shop", environment="production", deployment="d")


class Silence:
    def warning(self, message):
        raise AssertionError(message)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_every_host_that_does_not_answer_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    addresses = tuple(f"admin@127.0.0.1:{free_port()}" for _ in range(2))
    settings = Settings(target="ssh", addresses=addresses)
    with pytest.raises(HostsUnfit) as caught:
        find_hosts(WEB, settings, OWNER, (), Silence())
    error = caught.value
    assert error.message == "2 of 2 hosts cannot be used"
    for address, line in zip(addresses, error.cause.splitlines(), strict=True):
        assert line.startswith(f"{address}: SSH does not answer: ")
        assert line.endswith("Connection refused")
    assert f"`ssh -p {addresses[0].partition(':')[2]} admin@127.0.0.1`" in error.remediation
    assert error.host is None


def test_a_single_bad_host_is_where_it_happened(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = Settings(target="ssh", addresses=(f"admin@127.0.0.1:{free_port()}",))
    with pytest.raises(HostsUnfit) as caught:
        find_hosts(WEB, settings, OWNER, (), Silence())
    assert caught.value.host == "host-1"


def test_the_script_says_what_this_machine_is():
    said = subprocess.check_output(["sh", "-s", "--", "shop"], input=SCRIPT.read_text(), text=True)
    seen = parse(said)
    release = Path("/etc/os-release").read_text()
    assert seen.system.partition("-")[2] in release
    assert seen.machine == subprocess.check_output(["uname", "-m"], text=True).strip()
    assert "sudo" in seen.has or Path("/proc/self").stat().st_uid != 0
