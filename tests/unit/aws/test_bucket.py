"""What S3 answers, where not all of it arrives."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from autodeploy.aws import Cloud, S3Bucket, bucket
from autodeploy.errors import CloudError, EndpointUnreachable

WHOLE = b"a line of the log\n" * 100


@contextmanager
def serving(broken):
    """An S3 whose first `broken` answers break off; gives its address, and what it was asked."""
    asked = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            for name, said in (
                ("Content-Length", str(len(WHOLE))),
                ("ETag", '"e"'),
                ("Last-Modified", "Thu, 26 Nov 2026 10:00:00 GMT"),
            ):
                self.send_header(name, said)
            self.end_headers()
            self.wfile.write(WHOLE[:7] if len(asked) <= broken else WHOLE)
            self.close_connection = True

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def _hurried(monkeypatch):
    monkeypatch.setattr(bucket, "PAUSE_SECONDS", 0)


def test_an_answer_that_broke_off_is_asked_for_again():
    with serving(broken=2) as (address, asked):
        found = S3Bucket(Cloud(endpoint_url=address), "b", "p").get("k")
    assert found.data == WHOLE
    assert len(asked) == 3


def test_one_that_always_breaks_off_is_an_error_of_ours():
    with serving(broken=99) as (address, asked), pytest.raises(CloudError) as told:
        S3Bucket(Cloud(endpoint_url=address), "b", "p").get("k")
    assert isinstance(told.value, EndpointUnreachable)
    assert told.value.action == "s3:GetObject"
    assert "7" in str(told.value)
    assert told.value.remediation
    assert len(asked) == 5
