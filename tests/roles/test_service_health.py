"""Healthy if and only if the last required answers were good."""

from __future__ import annotations

import itertools
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

TCP6 = """ sl  local_address rem_address st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode
   0: 00:0BB8 00:0000 0A 0:0 0:0 0 33 0 77 1
   1: 00:0050 00:9999 01 0:0 0:0 0 33 0 78 1
"""


@pytest.fixture(scope="module")
def health():
    from ansible.module_utils import service_health

    return service_health


@given(
    st.lists(st.one_of(st.integers(100, 599), st.sampled_from(["refused", "silent"]))),
    st.integers(201, 600),
    st.integers(1, 4),
)
def test_healthy_means_the_last_answers_were_good(health, answers, below, required):
    good = [isinstance(one, int) and 200 <= one < below for one in answers]
    expected = len(good) >= required and False not in good[len(good) - required :]
    assert health.is_healthy(answers, below, required) is expected


def waiting(health, answers, timeout=5, ends=None, steady=True):
    """`wait` on a script of answers, the last of them for ever."""
    rest = itertools.chain(answers, itertools.repeat(answers[-1]))
    watched = itertools.count()

    def watch():
        return ("web" if ends is not None and next(watched) >= ends else None), steady

    return health.wait(lambda: next(rest), watch, 500, timeout)


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ([200], (None, None, 200)),
        (["refused", "silent", 503, 404, 200], (None, None, 200)),
    ],
)
def test_it_waits_until_the_answers_are_good(health, answers, verdict):
    assert waiting(health, answers) == verdict


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ([503], ("bad-status", None, 503)),
        ([100], ("bad-status", None, 100)),
        ([200, 500], ("bad-status", None, 500)),
        (["refused"], ("not-listening", None, "refused")),
        (["silent"], ("timeout", None, "silent")),
        ([200, "refused"], ("not-listening", None, "refused")),
    ],
)
def test_it_gives_up_in_time_and_says_why(health, answers, verdict):
    assert waiting(health, answers, timeout=0) == verdict


def test_a_good_answer_at_the_end_of_the_time_gets_its_second(health):
    assert waiting(health, [200], timeout=0) == (None, None, 200)


def test_a_process_that_ends_is_not_waited_for(health):
    assert waiting(health, ["refused"], timeout=60, ends=2) == ("exited", "web", "refused")


def test_a_process_that_ends_with_the_last_good_answer_is_seen(health):
    assert waiting(health, [200], timeout=60, ends=1)[0] == "exited"


def test_good_answers_beside_a_process_that_is_down_are_not_health(health):
    assert waiting(health, [200], timeout=60, ends=5, steady=False)[0] == "exited"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/silent":
            self.close_connection = True
            return
        self.send_response(int(self.path[1:]))
        self.send_header("Location", "/200")
        self.end_headers()

    def log_message(self, *_args):
        pass


@pytest.fixture
def port():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "answer"), [("/200", 200), ("/302", 302), ("/503", 503), ("/silent", "silent")]
)
def test_a_real_answer(health, port, path, answer):
    assert health.ask(port, path) == answer


def test_nothing_listens(health, port):
    pass_on = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pass_on.server_close()
    assert health.ask(pass_on.server_port, "/") == "refused"


def test_listeners_by_inode(health):
    assert health.listeners(TCP6) == {"77": 3000}


@pytest.mark.parametrize(
    ("why", "listening", "said"),
    [
        ("exited", [], "web (exit status 3) ended"),
        ("bad-status", [20123], "GET /up answered 503 for 60 s; healthy is 200 to 499"),
        ("timeout", [20123], "did not answer in time"),
        ("not-listening", [], "nothing listens on $PORT (20123) after 60 s"),
        ("not-listening", [3000], "listens on 3000 instead of $PORT (20123); set `port: 3000`"),
        ("not-listening", [3000, 20123], "listens on 20123, but not on 127.0.0.1"),
    ],
)
def test_what_the_user_is_told(health, why, listening, said):
    params = {"health_timeout": 60, "health_path": "/up", "health_below": 500}
    assert said in health.explain(why, "web (exit status 3)", 503, 20123, listening, params)


@pytest.mark.parametrize(
    ("state", "seconds", "settle", "steady"),
    [
        ("running", 5, 1, True),
        ("running", 0, 1, False),
        ("running", 0, 0, True),
        ("auto-restart", 5, 0, False),
        ("start", 5, 0, False),
    ],
)
def test_a_steady_process_has_run_for_a_while(plugin, state, seconds, settle, steady):
    module = plugin("service/module_utils/service_release.py")
    started = int((time.monotonic() - seconds) * 1e6)
    seen = {"SubState": state, "ExecMainStartTimestampMonotonic": str(started)}
    assert module.is_steady(seen, settle) is steady


class Clock:
    """Time that only sleep takes."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def test_nothing_is_asked_in_the_grace_and_then_as_often_as_is_said(health, monkeypatch):
    clock, asked = Clock(), []
    monkeypatch.setattr(health, "time", clock)
    seen = health.wait(lambda: asked.append(clock.now) or 200, lambda: (None, True), 500, 5, 3, 10)
    assert seen == (None, None, 200)
    assert len(asked) == 3
    assert asked[0] >= 10


def test_a_process_that_ends_in_the_grace_is_seen(health, monkeypatch):
    monkeypatch.setattr(health, "time", Clock())
    assert health.wait(lambda: 200, lambda: ("web", False), 500, 5, 2, 10) == (
        "exited",
        "web",
        None,
    )
