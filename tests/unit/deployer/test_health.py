"""The look from outside, at a real server."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from autodeploy.deployer.health import gate, is_healthy
from autodeploy.errors import UnhealthyRelease


class Answers(BaseHTTPRequestHandler):
    statuses: ClassVar[list[int]] = []

    def do_GET(self):
        remaining = type(self).statuses
        self.send_response(remaining.pop(0) if len(remaining) > 1 else remaining[0])
        self.end_headers()

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
    assert is_healthy(url, path) is healthy


def test_nobody_there_is_not_healthy():
    assert is_healthy("http://127.0.0.1:9/", "/") is False


def test_the_gate_waits_for_a_good_answer(url, log):
    Answers.statuses = [503, 502, 200]
    assert gate(url, "/healthz", log, seconds=10) == 200


def test_the_gate_names_what_it_saw(url, log):
    Answers.statuses = [503]
    with pytest.raises(UnhealthyRelease, match="503"):
        gate(url, "/healthz", log, seconds=0.3)
