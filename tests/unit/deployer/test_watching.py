"""What the release command says is heard while it runs, and no secret with it."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from autodeploy.contracts import Host, InfrastructureSpec
from autodeploy.deployer import watching

SPEC = InfrastructureSpec(
    application="shop",
    environment="production",
    target="lab",
    region="eu-central-1",
    image="debian-12",
    ssh_key=None,
    hosts=(Host(name="host-1", address="127.0.0.1", user="admin", host_key="ssh-ed25519 x"),),
)
SECRETS = {"TOKEN": "canary-Kq2vX9"}


class Log:
    """What is said, and that so much was."""

    def __init__(self, wanted):
        self.said, self.wanted, self.enough = [], wanted, threading.Event()

    def info(self, message):
        self.said.append(message)
        if len(self.said) == self.wanted:
            self.enough.set()


@pytest.fixture
def host(monkeypatch, tmp_path):
    """A host whose journal is what a program prints; gives the watch."""

    def of(program, log):
        line = [sys.executable, "-u", "-c", program]
        monkeypatch.setattr(
            sys.modules["autodeploy.runner.stream"], "command", lambda *_, **_k: line
        )
        return watching.watched(SPEC, "0123456789ab", SECRETS, tmp_path, log)

    return of


def test_lines_come_while_it_runs_and_without_secrets(host):
    log = Log(2)
    program = "print('one'); print('it is canary-Kq2vX9'); import time; time.sleep(600)"
    with host(program, log):
        assert log.enough.wait(30)
    assert log.said == ["release command: one", "release command: it is ***"]


@pytest.mark.parametrize("code", [1, 255])
def test_a_host_that_cannot_be_asked_is_no_matter(host, code):
    log = Log(1)
    with host(f"print('one'); raise SystemExit({code})", log):
        assert log.enough.wait(30)
    assert log.said == ["release command: one"]


def test_it_says_no_more_than_so_much(host):
    log = Log(watching.MOST_LINES)
    with host("while True: print('x' * 5000)", log):
        assert log.enough.wait(60)
    assert len(log.said) == watching.MOST_LINES
    assert max(map(len, log.said)) < watching.LONGEST + 50


def test_the_question_is_a_shells(host):
    line = watching.question("shop", "0123456789ab", sudo=True)
    words = subprocess.run(
        ["sh", "-c", f"printf '%s\\n' {line}"], capture_output=True, text=True, check=True
    )
    assert words.stdout.splitlines()[-1] == "_SYSTEMD_UNIT=shop-command.0123456789ab.service"
