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


def test_without_the_right_to_go_on_there_is_no_way_on():
    heard, error = threading.Event(), ValueError("somebody else has it")
    with stopping.at_safe_points(), stopping.heard(heard.set):
        stopping.guard()
        stopping.lose(error)
        assert heard.is_set()
        assert stopping.asked.is_set()
        with stopping.uninterrupted():
            assert stopping.is_asked()
            for point in (stopping.check, stopping.guard):
                with pytest.raises(ValueError, match="somebody else"):
                    point()
    assert stopping.lost() is None
    stopping.guard()
    assert not stopping.asked.is_set()


def test_what_is_guarded_is_asked_until_the_end():
    def refuse():
        raise ValueError("no")

    with stopping.guarded(refuse):
        stopping.check()
        with pytest.raises(ValueError, match="no"):
            stopping.guard()
    stopping.guard()


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
