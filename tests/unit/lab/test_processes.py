"""Only the process that was meant is ever ended."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from autodeploy.lab import processes


@pytest.fixture
def start():
    started = []

    def one(*command):
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield one
    for process in started:
        process.kill()
        process.communicate()


def test_a_process_is_itself_while_it_lives(start):
    sleeper = start("sleep", "60")
    known = processes.identity(sleeper.pid)
    assert processes.alive(known)
    sleeper.kill()
    sleeper.wait()
    assert not processes.alive(known)
    assert processes.identity(sleeper.pid) is None


def test_stop_ends_it(start):
    sleeper = start("sleep", "60")
    processes.stop(processes.identity(sleeper.pid))
    assert sleeper.wait() == -15


def test_stop_ends_one_that_ignores_it(start):
    program = "import signal; signal.signal(15, signal.SIG_IGN); print('on', flush=True)"
    stubborn = start(sys.executable, "-c", f"{program}; signal.pause()")
    assert stubborn.stdout.readline() == "on\n"
    processes.stop(processes.identity(stubborn.pid), patience=0.1)
    assert stubborn.wait() == -9


def test_stop_spares_another_with_the_same_number(start):
    sleeper = start("sleep", "60")
    boot, pid, started = processes.identity(sleeper.pid).split(":")
    for known in (f"{boot}:{pid}:{int(started) - 1}", f"other:{pid}:{started}"):
        assert not processes.alive(known)
        processes.stop(known)
        assert sleeper.poll() is None


def test_a_zombie_has_ended(start):
    ended = start("true")
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    assert processes.identity(ended.pid) is None
