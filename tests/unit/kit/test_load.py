"""The load sees each request that a server loses, and none that it does not."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from load import load


class Server(ThreadingHTTPServer):
    """Answers with `release`; what `trouble` names happens to the next requests, once each."""

    daemon_threads = True
    release = "one"

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.trouble, self.asked = [], threading.Condition()
        self.count = self.connections = 0

    def process_request(self, *arguments):
        self.connections += 1
        super().process_request(*arguments)

    def more(self, count):
        """Wait until so many more requests have come."""
        with self.asked:
            wanted = self.count + count
            assert self.asked.wait_for(lambda: self.count >= wanted, 10)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        with self.server.asked:
            self.server.count += 1
            trouble = self.server.trouble.pop() if self.server.trouble else "none"
            self.server.asked.notify_all()
        if trouble == "drop":
            self.close_connection = True
            return
        body = self.server.release.encode()
        self.send_response(502 if trouble == "bad" else 200)
        self.send_header("Content-Length", str(len(body) + (trouble == "cut")))
        if trouble in {"cut", "last"}:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def served():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server, f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("trouble", "status", "error"),
    [("drop", None, "RemoteDisconnected"), ("cut", None, "IncompleteRead"), ("bad", 502, None)],
)
@pytest.mark.parametrize("count", [1, 3])
def test_what_is_lost_is_seen_once_each(trouble, status, error, count):
    with served() as (server, url), load(url, connections=4) as seen:
        server.trouble += [trouble] * count
        server.more(20)
    assert [one.status for one in seen.lost] == [status] * count
    assert [(one.error or "").partition(":")[0] for one in seen.lost] == [error or ""] * count
    assert len(seen.requests) == server.count


def test_a_server_that_is_gone_loses_what_is_asked_then():
    with served() as (server, url), load(url, connections=2) as seen:
        server.socket.close()
        server.trouble += ["drop"]
        server.more(1)
    errors = {(one.error or "").partition(":")[0] for one in seen.lost}
    assert {"RemoteDisconnected", "ConnectionRefusedError"} <= errors


def test_a_connection_that_is_closed_as_it_should_be_is_no_loss():
    with served() as (server, url), load(url, connections=4) as seen:
        server.trouble += ["last"] * 8
        server.more(20)
    assert seen.lost == []


def test_half_the_connections_are_kept_and_half_are_new():
    with served() as (server, url), load(url, connections=4) as seen:
        server.more(20)
    new = [one for one in seen.requests if one.connection % 2]
    assert server.connections == 2 + len(new)


def test_releases_are_told_in_the_order_in_which_they_came():
    with served() as (server, url), load(url, connections=4) as seen:
        server.release = "two"
    assert seen.releases == ["one", "two"]
    assert {one.connection for one in seen.requests if one.body == "two"} == {0, 1, 2, 3}


def test_a_load_on_what_does_not_answer_does_not_begin():
    with served() as (server, url):
        server.trouble += ["bad"]
        with pytest.raises(AssertionError), load(url, connections=2):
            pytest.fail("the body has begun")
