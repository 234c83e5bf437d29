"""`status`: what it looks at, and the table that stays."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import subprocess
import sys
import termios
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from autodeploy.cli import statuswatch
from autodeploy.cli.status import status
from autodeploy.contracts import DeploymentStatus, Host, TechStack
from autodeploy.errors import UsageError
from autodeploy.journal import DirectoryStore
from autodeploy.journal.events import HostsKnown, ReleaseActivated, SourceRead, StatusChanged
from statekit import created, running

HOST = Host(name="host-1", address="127.0.0.1", host_key="ssh-ed25519 AAAA")


@contextmanager
def served(release):
    """An application on loopback that says which release it is; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = f"{release}\n".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path))
    return DirectoryStore(tmp_path)


def deployed(store, url):
    journal = created(store)
    journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
    journal.write(HostsKnown(hosts=(HOST,)))
    stack = TechStack(processes={"web": "x", "worker": "y"})
    settings = {"scale": {"worker": 3}}
    journal.write(SourceRead(commit=None, stack=stack, settings=settings))
    processes = {"web": "x", **dict.fromkeys(("worker", "worker-2", "worker-3"), "y")}
    config = running(url=url).model_copy(update={"processes": processes})
    journal.write(ReleaseActivated(deployment=config))
    journal.write(StatusChanged(status=DeploymentStatus.COMPLETED))


def run(*arguments):
    done = CliRunner().invoke(status, arguments, standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.output


@pytest.mark.parametrize(("release", "health"), [("r1", "healthy"), ("r2", "no good answer")])
def test_one_application_is_looked_at(store, release, health):
    with served(release) as url:
        deployed(store, url)
        shown = json.loads(run("shop", "--json"))
        assert (shown["health"], shown["certificate_days"]) == (health, None)
        assert shown["processes"] == {"web": 1, "worker": 3}
        said = run("shop").splitlines()
        assert said[1:3] == [f"  now: {health}", f"  {url}"]
        assert "  wanted on each of 1 host: web 1, worker 3" in said


def test_all_of_them_are_not(store, monkeypatch):
    def fails(_):
        raise AssertionError("looked")

    monkeypatch.setattr("autodeploy.conductor.looks", fails)
    deployed(store, "http://127.0.0.1:1/")
    assert json.loads(run("--json"))[0]["health"] is None
    assert run().splitlines()[1].split()[:4] == ["shop", "production", "active", "r1"]


def test_the_table_looks_at_all(store):
    with served("r1") as url:
        deployed(store, url)
        known = [store.application("shop", "production")]
        row = statuswatch._row(known[0], *statuswatch.looks(known))
    assert row[:4] == ("shop", "production", "healthy", "r1")
    assert row[6].startswith("deploy completed")


def test_a_rollback_is_told_apart_from_what_it_undid(store):
    deployed(store, "http://127.0.0.1:1/")
    journal = store.open(store.ids()[0], lambda _: None)
    done = f"{journal.state.completed_at:%Y-%m-%d %H:%M:%S} UTC"
    journal.write(StatusChanged(status=DeploymentStatus.ROLLING_BACK))
    journal.write(StatusChanged(status=DeploymentStatus.ROLLED_BACK))
    said = run("shop").splitlines()
    assert f"    ended   {done}" in said
    assert any(one.startswith("    its rollback began ") and ", took " in one for one in said)


@pytest.mark.parametrize("width", [160, 70])
def test_the_table_has_what_a_terminal_has_room_for(store, width):
    deployed(store, "http://127.0.0.1:1/")
    rows = statuswatch._rows([store.application("shop", "production")], None)
    titles, *lines = statuswatch.table(rows, width)
    assert max(map(len, (titles, *lines))) <= width
    assert titles.split()[:3] == ["application", "environment", "standing"]
    assert ("next" in titles.split()) == (width == 160)


def test_it_goes_on_looking_until_ctrl_c(store, monkeypatch):
    """In a terminal of its own; a second look has another answer, and the end is a good one."""
    with served("r1") as url:
        deployed(store, url)
        command = [sys.executable, "-m", "autodeploy", "status", "--watch"]
        here, there = pty.openpty()
        watching = subprocess.Popen(
            command, stdin=there, stdout=there, stderr=there, start_new_session=True,
            env={**os.environ, "COLUMNS": "160"},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(there)
        said = read_until(here, "healthy")
    said += read_until(here, "no good answer")
    os.write(here, b"\x03")
    assert watching.wait(30) == 0
    assert "Traceback" not in said


def read_until(terminal, text):
    """What it says up to there; a terminal that says nothing more for long is an error."""
    said = ""
    while text not in said:
        assert select.select([terminal], [], [], 30)[0], said
        said += os.read(terminal, 4096).decode()
    return said


def test_watching_needs_a_terminal_and_is_for_people(store):
    with pytest.raises(UsageError, match="terminal"):
        run("--watch")
    with pytest.raises(UsageError, match="for people"):
        run("--watch", "--json")
