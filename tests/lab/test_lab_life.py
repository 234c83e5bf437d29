"""Starting the lab, taking it away, and what is left whoever dies before."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autodeploy.lab import client, processes
from autodeploy.lab.site import Site
from labkit import left_of, until

pytestmark = pytest.mark.lab


def cli(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "autodeploy", "lab", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def kill_daemon(site):
    pid = int(json.loads(site.daemon_record.read_bytes())["identity"].split(":")[1])
    os.kill(pid, signal.SIGKILL)
    until(lambda: not client.status().running)


def nspawn_of(machine):
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        words = one.read_bytes().split(b"\0")
        if words[0] == b"systemd-nspawn" and f"--machine={machine.instance_id}".encode() in words:
            return int(one.parent.name)
    raise AssertionError("no such systemd-nspawn")


def test_up_twice_is_one_lab_and_down_leaves_nothing(site, boot):
    assert not client.status().running
    first = client.up()
    daemon = site.daemon_record.read_text()
    machine = boot(first)
    assert client.up().endpoint_url == first.endpoint_url
    assert site.daemon_record.read_text() == daemon
    assert [host.instance_id for host in client.status().hosts] == [machine.instance_id]
    assert client.down()
    assert left_of(site) == []
    assert not client.status().running
    assert not client.down()


def test_commands_print_one_json_document(site):
    up = json.loads(cli("up", "--json").stdout)
    assert up["running"]
    assert up["endpoint_url"].startswith("http://127.0.0.1:")
    status = json.loads(cli("status", "--json").stdout)
    assert status == {**up, "hosts": []}
    assert cli("down").returncode == 0
    assert cli("down").stdout == "The lab does not run; nothing is left.\n"
    assert json.loads(cli("status", "--json").stdout)["running"] is False


def test_down_after_the_daemon_was_killed(site, boot):
    boot(client.up())
    kill_daemon(site)
    assert client.down()
    assert left_of(site) == []


def test_up_after_the_daemon_was_killed_begins_anew(site, boot):
    before = boot(client.up())
    kill_daemon(site)
    info = client.up()
    assert info.hosts == ()
    assert not (site.hosts / before.instance_id).exists()
    assert boot(info).answers()


def test_a_host_whose_nspawn_was_killed_is_terminated_and_gone(site, boot):
    machine = boot(client.up())
    os.kill(nspawn_of(machine), signal.SIGKILL)
    until(lambda: machine.state() == "terminated")
    assert "ended with -9" in machine.described()["StateReason"]["Message"]
    until(lambda: not (site.hosts / machine.instance_id).exists())
    assert client.status().hosts == ()


def test_down_after_daemon_and_nspawn_were_killed(site, boot):
    machine = boot(client.up())
    kill_daemon(site)
    os.kill(nspawn_of(machine), signal.SIGKILL)
    assert client.down()
    assert left_of(site) == []


def test_records_of_an_earlier_boot_harm_nobody(site):
    """After a reboot the records are there, and their numbers belong to others."""
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        boot_id, pid, started = processes.identity(bystander.pid).split(":")
        for known in (f"{boot_id}:{pid}:{int(started) - 1}", f"another-boot:{pid}:{started}"):
            site.hosts.joinpath("i-0123456789abcdef0/root").mkdir(parents=True)
            site.network_record.write_text("{}")
            site.daemon_record.write_text(json.dumps({"identity": known, "port": 1}))
            assert not client.status().running
            assert client.down()
            assert bystander.poll() is None
            assert left_of(site) == []
    finally:
        bystander.kill()
        bystander.wait()


def test_two_labs_side_by_side(site, boot, tmp_path, monkeypatch):
    here = client.up()
    mine = boot(here)
    with monkeypatch.context() as patch:
        patch.setenv("AUTODEPLOY_HOME", str(tmp_path / "other"))
        other = Site.here()
        try:
            there = client.up()
            theirs = boot(there)
            assert there.endpoint_url != here.endpoint_url
            assert theirs.address != mine.address
            assert [host.instance_id for host in client.status().hosts] == [theirs.instance_id]
        finally:
            client.down()
        assert left_of(other) == []
    assert mine.answers()
    assert [host.instance_id for host in client.status().hosts] == [mine.instance_id]


def test_a_user_who_is_not_root_is_told_so():
    program = """if True:
        import os
        from autodeploy.errors import LabUnsupported
        from autodeploy.lab import client
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
        try:
            client.up()
        except LabUnsupported as error:
            print(error.cause, "|", error.remediation)
    """
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o777)
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "AUTODEPLOY_HOME": home},
            capture_output=True,
            text=True,
            check=False,
        )
    assert "root: you are not root" in done.stdout, done.stderr
    assert "sudo" in done.stdout
