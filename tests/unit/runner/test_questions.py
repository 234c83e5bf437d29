"""Questions are answered to our own user, while the run lasts, and to nobody else."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from autodeploy import stopping
from autodeploy.errors import LeaseLost
from autodeploy.runner.questions import NoAnswer, answered

SECRETS = {"environment_secrets": {"KEY": "canary \n {{ 7 * 7 }} 🦆"}}
NOBODY = 65534


@contextmanager
def served(variables, path):
    with answered({"what": lambda _host: variables}, path):
        yield


def ask(path, question="what", host="host-1"):
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(str(path))
        with suppress(BrokenPipeError):  # We may be nobody whom it listens to.
            one.sendall(json.dumps({"question": question, "host": host}).encode() + b"\n")
        with one.makefile() as answer, suppress(ConnectionResetError):
            return answer.read()
    return ""


def answer(path, **asked):
    return json.loads(ask(path, **asked))["answer"]


def test_whoever_asks_gets_all_of_it_every_time(tmp_path):
    with served(SECRETS, tmp_path / "s"):
        assert [answer(tmp_path / "s") for _ in range(3)] == [SECRETS] * 3


def test_an_answer_may_take_long_and_others_are_answered_meanwhile(tmp_path):
    later = Future()
    answers = {"late": lambda _host: later.result(), "what": lambda host: {"host": host}}
    with answered(answers, tmp_path / "s"), ThreadPoolExecutor() as pool:
        waiting = pool.submit(answer, tmp_path / "s", question="late")
        assert answer(tmp_path / "s", host="host-7") == {"host": "host-7"}
        assert not waiting.done()
        later.set_result({"a": "b"})
        assert waiting.result() == {"a": "b"}


def test_where_there_is_none_it_says_why(tmp_path):
    def none(_host):
        raise NoAnswer("given up")

    with answered({"what": none}, tmp_path / "s"):
        assert json.loads(ask(tmp_path / "s")) == {"refused": "given up"}


def test_an_answer_that_comes_when_the_right_to_go_on_is_lost_is_none(tmp_path):
    def late(_host):
        stopping.lose(LeaseLost("ann@laptop works on it"))
        return SECRETS

    with stopping.at_safe_points(), answered({"what": late}, tmp_path / "s"):
        assert json.loads(ask(tmp_path / "s")) == {"refused": "ann@laptop works on it"}


def test_nonsense_harms_nobody(tmp_path, capfd):
    with served(SECRETS, tmp_path / "s"):
        assert ask(tmp_path / "s", question="nothing known") == ""
        assert answer(tmp_path / "s") == SECRETS
    assert capfd.readouterr() == ("", "")


def test_it_is_ours_alone_and_gone_afterwards(tmp_path):
    before = set(threading.enumerate())
    with served(SECRETS, tmp_path / "s"):
        assert (tmp_path / "s").stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == []
    assert not [one for one in set(threading.enumerate()) - before if one.is_alive()]


def test_it_is_gone_after_a_failure_too(tmp_path):
    with pytest.raises(ZeroDivisionError), served(SECRETS, tmp_path / "s"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_peer_that_leaves_without_listening_harms_nobody(tmp_path, capfd):
    with served({"a": "x" * 10_000_000}, tmp_path / "s"):
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(str(tmp_path / "s"))
        assert len(ask(tmp_path / "s")) > 10_000_000
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_another_user_gets_nothing_even_where_the_file_lets_him():
    folder = Path(tempfile.mkdtemp())
    try:
        with served(SECRETS, folder / "s"):
            folder.chmod(0o755)
            (folder / "s").chmod(0o666)
            assert asked_by(NOBODY, folder / "s") == b""
            assert json.loads(asked_by(os.getuid(), folder / "s")) == {"answer": SECRETS}
    finally:
        shutil.rmtree(folder)


def asked_by(user, path):
    """What a process of the user's is answered."""
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        os.setuid(user)
        with os.fdopen(there, "wb") as answer:
            answer.write(ask(path).encode())
        os._exit(0)
    os.close(there)
    with os.fdopen(here, "rb") as answer:
        said = answer.read()
    assert os.waitpid(child, 0)[1] == 0
    return said
