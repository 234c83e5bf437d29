"""The socket that gives secrets: to our own user, while the run lasts, and to nobody else."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
import threading
from pathlib import Path

import pytest
from autodeploy.runner.secretsocket import served

SECRETS = {"environment_secrets": {"KEY": "canary \n {{ 7 * 7 }} 🦆"}}
NOBODY = 65534


def ask(path):
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(str(path))
        with one.makefile() as answer:
            return answer.read()


def test_whoever_asks_gets_all_of_it_every_time(tmp_path):
    with served(SECRETS, tmp_path / "s"):
        assert [json.loads(ask(tmp_path / "s")) for _ in range(3)] == [SECRETS] * 3


def test_it_is_ours_alone_and_gone_afterwards(tmp_path):
    with served(SECRETS, tmp_path / "s"):
        assert (tmp_path / "s").stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == []
    assert not [one for one in threading.enumerate() if "serve_forever" in one.name]


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
            assert json.loads(asked_by(os.getuid(), folder / "s")) == SECRETS
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
