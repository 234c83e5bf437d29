"""How a deployment ends that an agent has begun: its client goes, or others are at work."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import closing, suppress
from pathlib import Path

import pytest

from autodeploy.contracts import DeploymentStatus
from autodeploy.journal import DirectoryStore
from labkit import until
from mcpkit import approved, serving

SHOP = ("shop", "production")


@pytest.fixture
def store(home):
    return DirectoryStore(home)


@pytest.fixture
def silent():
    """The address of a git server that never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"git://127.0.0.1:{server.getsockname()[1]}/shop"


def begun(address, store):
    """A server whose `deploy` waits for git."""
    server = serving("deploy", plan_id=approved(address))
    until(lambda: [one for one in store.states(*SHOP) if one.stages])
    return server


def working(home):
    """Processes that work in this home."""
    mark = f"AUTODEPLOY_HOME={home}".encode()
    found = []
    for one in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            found += [one] if mark in one.read_bytes().split(b"\0") else []
    return found


def closes(server):
    server.stdin.close()


def terminates(server):
    server.send_signal(signal.SIGTERM)


def kills(server):
    os.killpg(server.pid, signal.SIGKILL)


@pytest.mark.parametrize("end", [closes, terminates, kills])
def test_a_client_that_goes_leaves_a_run_that_was_stopped_and_nothing_at_work(
    end, silent, store, home, monkeypatch
):
    monkeypatch.setenv("AUTODEPLOY_HOME", str(home))
    server = begun(silent, store)
    assert store.holder(*SHOP)
    end(server)
    with server:
        assert server.wait(20) == (-signal.SIGKILL if end is kills else 0)
    until(lambda: not working(home), seconds=20)
    (run,) = store.states(*SHOP)
    assert run.status is DeploymentStatus.CANCELLED
    assert run.error.message == "stopped by the user"
    assert store.holder(*SHOP) is None
