"""`logs -f` ends as every other command does, whoever ends it; the host's `ssh` stands in."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import signal
import subprocess
import sys
import termios

import pytest
from click.testing import CliRunner

from autodeploy.cli.logs import logs
from autodeploy.contracts import DeploymentStatus, Host
from autodeploy.deployer import as_it_comes
from autodeploy.errors import UsageError
from autodeploy.journal import DirectoryStore
from autodeploy.journal.events import HostsKnown, ReleaseActivated, StatusChanged
from autodeploy.runner import stream
from statekit import created, running

HOST = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
ENTRY = json.dumps(
    {
        "__REALTIME_TIMESTAMP": "1700000000000000",
        "_SYSTEMD_UNIT": "shop-web-0123456789ab.service",
        "_PID": "7",
        "MESSAGE": "begun",
    }
)
COMMAND = [sys.executable, "-m", "autodeploy", "logs", "shop", "-f"]


@pytest.fixture
def ssh(tmp_path, monkeypatch):
    """Writes the program that is found as `ssh`."""

    def write(script):
        (tmp_path / "ssh").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "ssh").chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return write


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path / "home"))
    journal = created(DirectoryStore(tmp_path / "home"), target="ssh")
    journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
    journal.write(HostsKnown(hosts=(HOST,)))
    config = running().model_copy(update={"processes": {"web": "x", "worker": "y"}})
    journal.write(ReleaseActivated(deployment=config))
    journal.write(StatusChanged(status=DeploymentStatus.COMPLETED))


@pytest.mark.slow
def test_an_interrupt_is_no_error(ssh, shop):
    ssh(f"echo '{ENTRY}'; exec sleep 600")
    following = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert b"begun" in following.stdout.readline()
    following.send_signal(signal.SIGINT)
    assert following.communicate(timeout=60)[1].strip() == b""
    assert following.returncode == 130


@pytest.mark.slow
def test_nor_is_ctrl_c_on_a_terminal(ssh, shop):
    """There it would reach `ssh` too, whose end would be told."""
    ssh(f"echo '{ENTRY}'; exec sleep 600")
    here, there = pty.openpty()
    following = subprocess.Popen(
        COMMAND, stdin=there, stdout=there, stderr=subprocess.PIPE, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(there)
    assert b"begun" in os.read(here, 4096)
    os.write(here, b"\x03")
    assert following.communicate(timeout=60)[1].strip() == b""
    assert following.returncode == 130
    os.close(here)


@pytest.mark.slow
def test_nor_is_a_reader_that_has_gone(ssh, shop):
    ssh(f"exec yes '{ENTRY}'")
    following = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    following.stdout.readline()
    following.stdout.close()
    assert following.stderr.read() == b""
    assert following.wait(timeout=60) == 1


@pytest.mark.parametrize("script", ["exec yes begun", "echo begun; exec sleep 600"])
def test_who_leaves_it_hears_nothing_more(ssh, tmp_path, script):
    """Whatever its thread does at that moment; so it is tried again and again."""
    ssh(script)
    failed = []
    for _ in range(20):
        with stream(HOST, None, tmp_path / "known_hosts", "journalctl") as lines:
            said = as_it_comes([lines], str, failed.append)
            assert next(said) == "begun"

    assert failed == []


@pytest.mark.parametrize("process", ["worker", "command"])
def test_a_process_that_there_is_is_asked_for(ssh, shop, process):
    ssh("exit 0")
    done = CliRunner().invoke(logs, ["shop", "--process", process], standalone_mode=False)
    assert (done.exception, done.output) == (None, "")


def test_one_that_there_is_not_is_refused(ssh, shop):
    with pytest.raises(UsageError, match="no process nope") as refused:
        CliRunner().invoke(
            logs, ["shop", "-f", "--process", "nope"], standalone_mode=False, catch_exceptions=False
        )
    assert refused.value.remediation == "There are web, worker, command, hook."
