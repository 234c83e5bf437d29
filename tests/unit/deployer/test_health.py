"""The look from outside, at a real server."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from autodeploy.contracts import DeploymentConfig
from autodeploy.deployer.health import RELEASE_PATH, gate, is_live
from autodeploy.errors import UnhealthyRelease


class Answers(BaseHTTPRequestHandler):
    statuses: ClassVar[list[int]] = []
    release: ClassVar[bytes] = b"abc\n"

    def do_GET(self):
        remaining = type(self).statuses
        asked = self.path == RELEASE_PATH
        status = remaining.pop(0) if len(remaining) > 1 else remaining[0]
        self.send_response(200 if asked else status)
        self.end_headers()
        self.wfile.write(type(self).release if asked else b"")

    def log_message(self, *_):
        pass


@pytest.fixture
def url():
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def log(journal):
    return journal.agent("deployer")


def running(url, path):
    return DeploymentConfig(
        release="abc",
        artifact="0" * 64,
        url=url,
        processes={},
        health_path=path,
        health_status=200,
        hosts=("host-1",),
        fingerprint="",
    )


@pytest.mark.parametrize(
    ("status", "path", "healthy"),
    [
        (200, "/healthz", True),
        (302, "/healthz", True),
        (404, "/healthz", False),
        (404, "/", True),
        (500, "/", False),
        (503, "/healthz", False),
    ],
)
def test_one_look(url, status, path, healthy):
    Answers.statuses = [status]
    assert is_live(url, running(url, path)) is healthy


def test_another_release_is_not_live(url, monkeypatch):
    Answers.statuses = [200]
    monkeypatch.setattr(Answers, "release", b"other\n")
    assert is_live(url, running(url, "/")) is False


def test_nobody_there_is_not_live():
    assert is_live("http://127.0.0.1:9/", running("http://127.0.0.1:9/", "/")) is False


def test_the_gate_waits_for_a_good_answer(url, log):
    Answers.statuses = [503, 502, 200]
    assert gate(url, "/healthz", log, seconds=10) == 200


def test_the_gate_names_what_it_saw(url, log):
    Answers.statuses = [503]
    with pytest.raises(UnhealthyRelease, match="503"):
        gate(url, "/healthz", log, seconds=0.3)
