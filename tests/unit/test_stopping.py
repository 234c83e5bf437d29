"""Ctrl-C, once and twice."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from autodeploy import stopping
from autodeploy.errors import Interrupted


@pytest.fixture(autouse=True)
def handlers():
    """Outside of safe points all of them end us, as the command line has it."""
    before = {one: signal.getsignal(one) for one in stopping.SIGNALS}
    for one in stopping.SIGNALS:
        signal.signal(one, signal.default_int_handler)
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


def interrupt(number=signal.SIGINT):
    os.kill(os.getpid(), number)


PAIRS = [(signal.SIGINT,) * 2, (signal.SIGTERM,) * 2, (signal.SIGHUP, signal.SIGTERM)]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_the_first_asks_and_the_second_ends(first, second, capfd):
    heard = threading.Event()
    with stopping.at_safe_points(), stopping.heard(heard.set):
        stopping.check()
        interrupt(first)
        assert stopping.asked.wait(10)
        assert heard.wait(10)
        with pytest.raises(Interrupted):
            stopping.check()
        assert not stopping.is_final()
        with pytest.raises(KeyboardInterrupt):
            interrupt(second)
    assert stopping.is_final()
    assert capfd.readouterr().err.count("Stopping") == 1
    stopping.check()


@pytest.mark.parametrize("first", [signal.SIGHUP, signal.SIGINT])
def test_a_terminal_that_closes_says_so_twice_and_is_in_no_hurry(first):
    with stopping.at_safe_points():
        interrupt(first)
        assert stopping.asked.wait(10)
        interrupt(signal.SIGHUP)
        interrupt(signal.SIGHUP)
        with pytest.raises(Interrupted):
            stopping.check()
        assert not stopping.is_final()
        assert signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN  # Children would inherit it.
        with pytest.raises(KeyboardInterrupt):
            interrupt()


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


def test_after_what_has_lost_its_right_nothing_more_is_begun():
    with stopping.at_safe_points():
        stopping.lose(ValueError("somebody else has it"))
    assert stopping.is_final()
    with stopping.at_safe_points():
        assert not stopping.is_final()


def test_what_we_have_opened_is_shut_without_the_right():
    with stopping.at_safe_points():
        stopping.lose(ValueError("somebody else has it"))
        with stopping.unguarded():
            stopping.guard()
            other = threading.Thread(target=lambda: refused.append(not_allowed()))
            refused = []
            other.start()
            other.join()
        assert refused == [True]
        assert not_allowed()


def not_allowed():
    try:
        stopping.guard()
    except ValueError:
        return True
    return False


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


def test_a_closed_terminal_is_no_obstacle(monkeypatch):
    def closed(*_):
        raise OSError(5, "Input/output error")

    with stopping.at_safe_points():
        monkeypatch.setattr(os, "write", closed)
        interrupt(signal.SIGHUP)
        assert stopping.asked.wait(10)


def test_what_nohup_ignores_stays_ignored():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with stopping.at_safe_points():
        interrupt(signal.SIGHUP)
        stopping.check()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_who_begins_anew_is_in_no_hurry():
    with stopping.at_safe_points():
        interrupt()
        assert stopping.asked.wait(10)
        with pytest.raises(KeyboardInterrupt):
            interrupt()
    with stopping.at_safe_points():
        assert not stopping.is_final()
