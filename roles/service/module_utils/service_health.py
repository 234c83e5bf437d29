"""Is a release healthy, and if not, why not."""

from __future__ import annotations

import http.client
import socket
import time

REQUIRED = 2
PAUSE_SECONDS = 0.1
ANSWER_SECONDS = 5
SETTLE_SECONDS = 1
LISTEN = "0A"
REFUSED, SILENT, ACCEPTED = "refused", "silent", "accepted"


def connect(port):
    """One connection: ACCEPTED, or REFUSED where nothing listens."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS).close()
    except OSError:
        return REFUSED
    return ACCEPTED


def ask(port, path):
    """One request: the status, REFUSED where nothing listens, SILENT where nothing answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.connect()
    except OSError:
        return REFUSED
    try:
        connection.request("GET", path, headers={"User-Agent": "autodeploy-health"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return SILENT
    finally:
        connection.close()


def is_good(answer, below):
    """Whether one answer is a healthy status, or all that there is to ask."""
    return answer is ACCEPTED or (isinstance(answer, int) and 200 <= answer < below)


def is_healthy(answers, below, required=REQUIRED):
    """Whether the last `required` answers were all good."""
    last = answers[-required:]
    return len(last) == required and all(is_good(one, below) for one in last)


def reason(answer):
    """Why a release whose last answer this was is not healthy."""
    if answer is SILENT:
        return "timeout"
    return "bad-status" if isinstance(answer, int) else "not-listening"


def wait(request, watch, below, timeout, required=REQUIRED, grace=0):
    """Ask until the release is healthy, a process is gone, or the time is over.

    Args:
        request: Gives one answer, as `ask` and `connect` do.
        watch: Says which process ended for good (None while none did), and whether all run
            steadily.
        below: Statuses from 200 to below this one are good.
        timeout: Seconds, after the grace.
        required: How many good answers in a row there must be.
        grace: Seconds in which nothing is asked.

    Returns:
        Why it is not healthy ("exited", "not-listening", "bad-status", "timeout"; None where it
        is), the process that ended (or None), and the last answer.
    """
    answers, begun = [], time.monotonic() + grace
    while time.monotonic() < begun:
        ended, _steady = watch()
        if ended:
            return "exited", ended, None
        time.sleep(PAUSE_SECONDS)
    while True:
        answers = [*answers, request()][-required:]
        spent = time.monotonic() - begun
        ended, steady = watch()
        if ended:
            return "exited", ended, answers[-1]
        if is_healthy(answers, below, required) and steady:
            return None, None, answers[-1]
        if spent >= timeout and not is_good(answers[-1], below):
            return reason(answers[-1]), None, answers[-1]
        time.sleep(PAUSE_SECONDS)


def listeners(table):
    """Port by socket inode of the listening rows of /proc/net/tcp or tcp6."""
    rows = [line.split() for line in table.splitlines()[1:]]
    return {row[9]: int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == LISTEN}


def explain(why, ended, answer, port, listening, params):
    """The failure as a sentence for the user."""
    if why == "exited":
        return f"the process {ended} ended before the release was healthy"
    seconds = params["health_timeout"]
    if why == "bad-status":
        asked = f"GET {params['health_path']} answered {answer} for {seconds} s"
        return f"{asked}; healthy is 200 to {params['health_below'] - 1}"
    if why == "timeout":
        return f"the process web took a connection on $PORT ({port}) and did not answer in time"
    if port in listening:
        return f"the process web listens on {port}, but not on 127.0.0.1"
    if listening:
        ports = ", ".join(map(str, listening))
        return f"listens on {ports} instead of $PORT ({port}); set `port: {listening[0]}`"
    return f"nothing listens on $PORT ({port}) after {seconds} s"
