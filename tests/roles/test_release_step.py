"""Whose turn it is on a host: one run at a time, and what is not wanted gives up."""

from __future__ import annotations

import os
import threading

import pytest

import rolekit


@pytest.fixture
def turns(tmp_path, monkeypatch):
    module = rolekit.load("service/module_utils/service_turn.py")
    monkeypatch.setattr(module, "FOLDER", str(tmp_path))
    monkeypatch.setattr(module, "is_heard", lambda: True)
    return module


class Host:
    """systemd as it is told."""

    def __init__(self):
        self.stopped = threading.Event()
        self.told = ()

    def run(self, *words, check=True):
        self.told = words
        self.stopped.set()


def test_a_second_run_of_a_release_waits_for_the_first(turns):
    order, host = [], Host()

    def second():
        with turns.turn(host, "shop", "r1"):
            order.append("second")

    waiting = threading.Thread(target=second)
    with turns.turn(host, "shop", "r1") as first:
        waiting.start()
        with turns.turn(host, "another", "r1"):
            order.append("another's")
        waiting.join(timeout=0.2)
        first.check()
        order.append("first")
    waiting.join()
    assert order == ["another's", "first", "second"]
    assert not host.told


def test_another_releases_run_is_stopped_and_gives_up(turns):
    host, done = Host(), []

    def second():
        with turns.turn(host, "shop", "r2"):
            done.append("second")

    waiting = threading.Thread(target=second)
    with turns.turn(host, "shop", "r1") as first:
        waiting.start()
        assert host.stopped.wait(10)
        with pytest.raises(turns.NotWanted, match="r2"):
            first.check()
        assert not done
    waiting.join()
    assert done
    assert host.told == ("stop", "shop-command.r1.service", "shop-hook.r1.service")


def test_a_run_that_nobody_hears_gives_up_unless_the_next_wants_the_same(turns, monkeypatch):
    monkeypatch.setattr(turns, "is_heard", lambda: False)
    first = turns.Turn("shop", "r1")
    with pytest.raises(turns.NotWanted, match="gone"):
        first.check()
    turns.Turn("shop", "r1")
    first.check()


def test_whether_anybody_listens_shows_at_the_output():
    module = rolekit.load("service/module_utils/service_turn.py")
    reading, writing = os.pipe()
    kept = os.dup(1)
    os.dup2(writing, 1)
    try:
        heard = module.is_heard()
        os.close(reading)
        gone = module.is_heard()
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(writing)
    assert (heard, gone) == (True, False)
