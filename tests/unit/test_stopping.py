"""Ctrl-C, once and twice."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from autodeploy import stopping
from autodeploy.errors import Interrupted


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


def test_the_first_asks_and_the_second_ends(capfd):
    heard = threading.Event()
    with stopping.at_safe_points(), stopping.heard(heard.set):
        stopping.check()
        interrupt()
        assert stopping.asked.wait(10)
        assert heard.wait(10)
        with pytest.raises(Interrupted):
            stopping.check()
        with pytest.raises(KeyboardInterrupt):
            interrupt()
    assert capfd.readouterr().err.count("Stopping") == 1
    stopping.check()


def test_what_goes_back_comes_to_its_end():
    with stopping.at_safe_points():
        interrupt()
        assert stopping.asked.wait(10)
        with stopping.uninterrupted():
            stopping.check()
        with pytest.raises(Interrupted):
            stopping.check()


def test_outside_it_ends_at_once():
    with stopping.at_safe_points():
        pass
    with pytest.raises(KeyboardInterrupt):
        interrupt()


def test_whoever_has_ended_hears_nothing():
    heard = threading.Event()
    with stopping.at_safe_points():
        with stopping.heard(heard.set):
            pass
        interrupt()
        assert stopping.asked.wait(10)
    assert not heard.is_set()
