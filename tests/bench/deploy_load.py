"""What 50 connections lose (wrk) while releases change, and what becomes of a request in flight.

On one host a redeployment and a rollback, then a redeployment to three behind a balancer. A request
of 20 s that is under way when each begins must end well, with the release that it was asked of.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import click
from deploy_site import Bench
from peers.application import NAME
from peers.base import run

from figures import Figure
from labkit import until

CONNECTIONS = 50
LONGEST = 600
SOCKET_ERRORS = re.compile(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")
OTHERS = re.compile(r"Non-2xx or 3xx responses: (\d+)")
REQUESTS = re.compile(r"(\d+) requests in")


def load(bench: Bench) -> Iterator[Figure]:
    deploy = ("deploy", bench.application.url, "--target", "lab", "--name", NAME)
    url = said(*deploy)["url"]
    bench.application.change()
    yield from during("redeploy", url, lambda: said(*deploy))
    if "rollback" in run(command("--help")):
        yield from during("rollback", url, lambda: said("rollback", NAME, "--yes"))
    else:
        click.echo("rollback: there is no such command yet")
    three = said(*deploy, "--hosts", "3")["url"]
    bench.application.change()
    yield from during("rolling deploy", three, lambda: said(*deploy))
    said("destroy", NAME, "--yes")


def during(what: str, url: str, change: Callable[[], object]) -> Iterator[Figure]:
    """What is lost while something is changed, and whether the request in flight is."""
    until(lambda: answered(url))
    before = answered(url)
    with ThreadPoolExecutor(1) as pool, wrk(url) as lost:
        slow = in_flight(pool, url)
        change()
        ended = slow.result()
    yield Figure(f"{what}: requests lost", lost[0], 0)
    yield Figure(f"{what}: requests in flight lost", ended != before, 0)


@contextmanager
def wrk(url: str) -> Iterator[list[int]]:
    """A load; gives a list that has at its end how many requests were lost."""
    line = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{LONGEST}", "--timeout", "30", url]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    lost: list[int] = []
    try:
        yield lost
    finally:
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate()
    lost.append(counted(output))
    click.echo(f"  {REQUESTS.search(output)[1]} requests, {lost[0]} lost", err=True)


def counted(output: str) -> int:
    """The requests that wrk's report says it lost.

    Raises:
        AssertionError: It is no report.
    """
    assert REQUESTS.search(output), output
    errors, others = SOCKET_ERRORS.search(output), OTHERS.search(output)
    return sum(map(int, errors.groups() if errors else ())) + int(others[1] if others else 0)


def in_flight(pool: ThreadPoolExecutor, url: str) -> Future[str]:
    """A request of 20 s."""
    return pool.submit(answered, f"{url}slow")


def answered(url: str) -> str:
    """The body of a good answer, else what was wrong."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=60) as answer:
            return answer.read().decode()
    except OSError as error:
        return str(error)


def command(*words: str) -> list[str | Path]:
    return [Path(sys.executable).parent / "autodeploy", *words]


def said(*words: str) -> dict:
    """What a command prints with --json; in the lab's own home."""
    ours = {name: value for name, value in os.environ.items() if name.startswith("AUTODEPLOY_")}
    return json.loads(run(command(*words, "--json"), more=ours))
