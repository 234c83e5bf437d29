"""`autodeploy ui`: what it prints, what it opens, what it refuses, and how it ends."""

from __future__ import annotations

import importlib.util
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

import uikit
from autodeploy.cli.ui import ui
from autodeploy.errors import UsageError
from autodeploy.journal import DirectoryStore
from labkit import until


@pytest.fixture
def started(home):
    command = [sys.executable, "-m", "autodeploy", "ui"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as one:
        try:
            yield one
        finally:
            one.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_whoever_still_reads(home, started, number):
    address = urlsplit(started.stdout.readline().strip())
    assert address.hostname == "127.0.0.1"
    connection = HTTPConnection(address.netloc)
    connection.request("GET", f"/?{address.query}")
    answer = connection.getresponse()
    answer.read()
    cookie = answer.headers["set-cookie"].partition(";")[0]
    with uikit.worked_on(DirectoryStore(home)) as journal:
        place = f"/deployments/{journal.state.id}/events"
        connection.request("GET", place, headers={"cookie": cookie})
        answer = connection.getresponse()
        assert answer.readline().startswith(b"id: ")
        started.send_signal(number)
        assert started.wait(60) == 0
    connection.close()
    assert started.stdout.read() == ""
    assert started.stderr.read() == "Whoever has this address may read; Ctrl-C ends it.\n"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port))


def test_a_port_that_is_taken_is_refused(home):
    taken = pytest.raises(UsageError, match="cannot be listened on")
    with socket.create_server(("127.0.0.1", 0)) as other, taken as refused:
        run("--port", str(other.getsockname()[1]))
    assert "--port" in refused.value.remediation


def test_it_says_what_to_install(home, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(UsageError) as refused:
        run()
    assert "pip install 'WHEEL[ui]'" in refused.value.remediation


@pytest.mark.parametrize("is_there", [True, False])
def test_the_browser_is_led_there_by_a_file_of_the_users_own(home, monkeypatch, is_there):
    opened: list[str] = []
    seen: list[tuple[int, str]] = []

    def serve(sockets):
        (url,) = until(lambda: opened)
        file = Path(urlsplit(url).path)
        seen.append((file.stat().st_mode & 0o777, file.read_text()))

    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or is_there)
    monkeypatch.setattr(
        "autodeploy.cli.web.server.server", lambda _application: SimpleNamespace(run=serve)
    )
    done = run("--open")
    (mode, text), (url,) = seen[0], opened
    assert mode == 0o600
    assert f'content="0; url={done.stdout.strip()}"' in text
    assert "token" not in url
    assert not Path(urlsplit(url).path).exists()


def run(*arguments):
    return CliRunner().invoke(ui, arguments, catch_exceptions=False)
