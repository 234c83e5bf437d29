"""Property 26: a release is healthy if and only if the last required answers were good.

The oracle reads the sequence of answers as a text and looks for the first two good ones in a row.
The answers come from a script, and from a real server on loopback that keeps to one.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import rolekit

pytestmark = pytest.mark.property
health = rolekit.load("service/module_utils/service_health.py")
STATUSES = st.one_of(
    st.integers(100, 599), st.sampled_from([200, 204, 301, 399, 400, 404, 500, 503])
)
ANSWERS = st.one_of(STATUSES, st.sampled_from([health.REFUSED, health.SILENT]))
BELOW = st.sampled_from([400, 500])
WHY = {health.REFUSED: "not-listening", health.SILENT: "timeout"}


def letters(answers, below):
    return "".join(
        "g" if not isinstance(one, str) and one // 100 in range(2, below // 100) else "b"
        for one in answers
    )


def expected(answers, below, timeout, pause):
    """Why it is not healthy (None where it is), and how many answers that takes to know.

    The time is over at the first answer that comes at `timeout` or later; a good one there still
    gets its second. The last answer goes on for ever.
    """
    # So many more of the last one that the time is over, and its second answer in.
    more = int(timeout / pause) + 3
    text = letters([*answers, *answers[-1:] * more], below)
    healthy = text.index("gg") + 2 if "gg" in text else len(text) + 1
    for count, letter in enumerate(text, 1):
        if count >= healthy:
            return None, count
        if round((count - 1) * pause, 6) >= timeout and letter == "b":
            last = answers[min(count, len(answers)) - 1]
            return WHY.get(last, "bad-status"), count
    raise AssertionError("it would never end")


class Clock:
    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now = round(self.now + seconds, 6)


@given(st.lists(ANSWERS, min_size=1, max_size=12), BELOW, st.integers(0, 15))
@example([200, 500, 200], 500, 10)
@example([200], 500, 0)
@example([500, 200], 500, 0)
def test_healthy_is_two_good_answers_in_a_row_in_time(answers, below, ticks):
    clock, given_ = Clock(), []

    def request():
        given_.append(answers[min(len(given_), len(answers) - 1)])
        return given_[-1]

    timeout = round(ticks * health.PAUSE_SECONDS, 6)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", clock.monotonic)
        patch.setattr(time, "sleep", clock.sleep)
        why, ended, last = health.wait(request, lambda: (None, True), below, timeout)
    assert (why, len(given_)) == expected(answers, below, timeout, health.PAUSE_SECONDS)
    assert (ended, last) == (None, given_[-1])


class Scripted(BaseHTTPRequestHandler):
    """Answers with what the server has next; SILENT is a connection that ends without a word."""

    def do_GET(self):
        with self.server.lock:
            answer = self.server.script.pop(0)
        if answer != health.SILENT:
            self.send_response_only(answer)
            self.end_headers()
        self.close_connection = True

    def log_message(self, *_said):
        """Nothing: tests have no use for it."""


@pytest.fixture(scope="module")
def server():
    with HTTPServer(("127.0.0.1", 0), Scripted) as one:
        one.lock = threading.Lock()
        thread = threading.Thread(target=one.serve_forever, args=(0.05,))
        thread.start()
        yield one
        one.shutdown()
        thread.join()


@contextmanager
def closed_port():
    """A port on which nothing listens, and nobody else will."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


# http.client takes 1xx for the beginning of an answer, as HTTP says.
FINAL = st.one_of(st.integers(200, 599), st.sampled_from([200, 404, 503, *WHY]))


@given(st.lists(FINAL, max_size=8), st.sampled_from([200, 302, 399]), BELOW)
def test_a_real_server_is_judged_by_the_same_rule(server, answers, good, below):
    script = [*answers, good, good]
    server.script = [one for one in script if one != health.REFUSED]
    asked = iter(script)
    count = 0

    def request():
        nonlocal count
        count += 1
        if next(asked) != health.REFUSED:
            return health.ask(server.server_port, "/up")
        with closed_port() as port:
            return health.ask(port, "/up")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(health, "PAUSE_SECONDS", 0)
        why, _ended, last = health.wait(request, lambda: (None, True), below, 60)
    assert (why, count) == (None, letters(script, below).index("gg") + 2)
    assert last == script[count - 1]
