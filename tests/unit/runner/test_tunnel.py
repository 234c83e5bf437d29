"""A tunnel ends with us, however we end; ssh's part is played by a small forwarder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress

import pytest

from autodeploy.contracts import Host
from autodeploy.errors import DatabaseFailed, HostUnreachable
from autodeploy.runner import tunnel
from labkit import until

HOST = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
# Listens as -L says, then runs the host's command here, and ends with it.
SSH = f"""#!{sys.executable}
import socket, subprocess, sys, threading
here, port, to, there = sys.argv[sys.argv.index("-L") + 1].split(":")
listening = socket.create_server((here, int(port)))
def serve():
    while True:
        taken, _ = listening.accept()
        with taken:
            try:
                socket.create_connection((to, int(there))).sendall(taken.recv(100))
            except OSError as error:
                print("channel 2: open failed: connect failed:", error, file=sys.stderr, flush=True)
threading.Thread(target=serve, daemon=True).start()
print("a banner", flush=True)
sys.exit(subprocess.run(sys.argv[-1], shell=True).returncode)
"""
HOLDER = """
import signal
import time
from pathlib import Path
from autodeploy.contracts import Host
from autodeploy.runner import tunnel
host = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
signal.signal(signal.SIGINT, signal.default_int_handler)  # A test run in the background ignores it.
with tunnel(host, None, Path("known_hosts"), "127.0.0.1", 9) as way:
    print(way.port, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def ssh(tmp_path, monkeypatch):
    def is_(text):
        (tmp_path / "ssh").write_text(text)
        (tmp_path / "ssh").chmod(0o700)

    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    is_(SSH)
    return is_


def listens(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def test_it_leads_there_and_is_gone_afterwards(ssh, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as far:
        there = far.getsockname()[1]
        with tunnel(HOST, None, tmp_path / "known_hosts", "127.0.0.1", there) as way:
            socket.create_connection(("127.0.0.1", way.port)).sendall(b"hello")
            taken, _ = far.accept()
            assert taken.recv(100) == b"hello"
            taken.close()
    assert not listens(way.port)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_none_is_left_however_we_end(ssh, how, tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as holder:
        port = int(holder.stdout.readline())
        assert listens(port)
        holder.send_signal(how)
    until(lambda: not listens(port))


def test_ctrl_c_on_the_terminal_does_not_reach_it(ssh, tmp_path):
    """A shell that goes through it has Ctrl-C for itself."""
    with tunnel(HOST, None, tmp_path / "known_hosts", "127.0.0.1", 9) as way:
        groups = subprocess.check_output(["ps", "-wweo", "pgid,args"], text=True).splitlines()
        (ours,) = [one for one in groups if f"127.0.0.1:{way.port}:" in one]
        assert int(ours.split()[0]) != os.getpgrp()


def test_a_host_that_does_not_answer_is_told(ssh, tmp_path):
    ssh("#!/bin/sh\necho 'Connection refused' >&2; exit 255\n")
    with (
        pytest.raises(HostUnreachable, match="Connection refused"),
        tunnel(HOST, None, tmp_path / "known_hosts", "127.0.0.1", 9),
    ):
        pass


def test_who_waits_for_its_end_is_told_why_it_has_ended(ssh, tmp_path):
    ssh("#!/bin/sh\necho open\necho 'Connection reset' >&2\nexit 255\n")
    with (
        pytest.raises(HostUnreachable, match="Connection reset"),
        tunnel(HOST, None, tmp_path / "known_hosts", "127.0.0.1", 9) as way,
    ):
        way.until_closed()


def test_why_the_far_end_is_not_reached_is_told(ssh, tmp_path):
    def asked():
        with tunnel(HOST, None, tmp_path / "known_hosts", "127.0.0.1", 9) as way:
            with socket.create_connection(("127.0.0.1", way.port)) as tried, suppress(OSError):
                tried.sendall(b"hello")
                tried.recv(1)
            raise DatabaseFailed("it did not work", cause="it ended")

    with pytest.raises(DatabaseFailed, match=r"it ended\nchannel 2: .*Connection refused"):
        asked()


def test_it_never_goes_through_a_connection_that_outlasts_it(ssh, tmp_path):
    ssh('#!/bin/sh\necho "$@" >&2; exit 1\n')
    (tmp_path / "shared").mkdir(mode=0o700)
    (tmp_path / "connections").symlink_to(tmp_path / "shared")
    with (
        pytest.raises(HostUnreachable) as caught,
        tunnel(HOST, None, tmp_path / "known_hosts", "127.0.0.1", 9),
    ):
        pass
    said = caught.value.cause
    assert -1 < said.find("ControlPath=none") < said.find("ControlPath=/")
