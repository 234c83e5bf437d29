"""A transfer that is slow, stalls or is interrupted: it says how far it is and leaves nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import recon_git
from autodeploy import recon, stopping
from autodeploy.errors import Interrupted, NetworkUnreachable
from autodeploy.recon.git import command as gitcommand
from autodeploy.recon.git import progress
from autodeploy.recon.git.progress import Progress
from recon_git import Stalling, Talk, files_of, repository

MARK = "AUTODEPLOY_TEST_MARK"
CLONE = """
import sys
from pathlib import Path
from autodeploy import recon
from recon_git import Talk
recon.clone(sys.argv[1], ref=None, folder=Path(sys.argv[2]), log=Talk())
"""
BLOB = 200_000


@pytest.fixture
def shop(tmp_path):
    """A repository that does not compress, so that its pack is long."""
    return repository(tmp_path / "shop", {"app.py": "one", "x.txt": os.urandom(BLOB).hex()})


@pytest.fixture
def daemon(tmp_path, shop):
    with recon_git.daemon(tmp_path) as address:
        yield address


@pytest.fixture
def stalling(daemon):
    door = Stalling(daemon, after=BLOB // 2)
    yield door
    door.close()


def running(mark: str) -> list[Path]:
    """Processes that have inherited the mark."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (process / "environ").read_bytes():
                found.append(process)
        except OSError:
            continue
    return found


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_clone_leaves_nothing(stalling, daemon, tmp_path, how):
    cache, mark = tmp_path / "cache", f"{os.getpid()}-{how}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), MARK: mark}
    command = [sys.executable, "-c", CLONE, f"{stalling.address}/shop", str(cache)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        assert stalling.stalled.wait(30)
        process.send_signal(how)
        assert process.wait(30) != 0
    until = time.monotonic() + 30
    while running(mark):
        assert time.monotonic() < until, "git is left behind"
    source = recon.clone(f"{daemon}/shop", ref=None, folder=cache, log=Talk())
    assert files_of(source.checkout)["app.py"] == "one"
    assert not [*cache.glob("begun-*"), *cache.rglob("tmp_*"), *cache.rglob("*.lock")]


def test_the_first_ctrl_c_is_no_reason_to_wait_for_a_transfer(stalling, tmp_path, monkeypatch):
    monkeypatch.setattr(stopping, "is_asked", lambda: stalling.stalled.is_set())
    with pytest.raises(Interrupted):
        recon.clone(f"{stalling.address}/shop", ref=None, folder=tmp_path / "x", log=Talk())
    assert not list((tmp_path / "x").glob("checkouts/*"))


def test_a_transfer_that_stalls_is_given_up(stalling, tmp_path):
    with pytest.raises(NetworkUnreachable, match="within 1 seconds"):
        recon.clone(
            f"{stalling.address}/shop", ref=None, folder=tmp_path / "x", log=Talk(), timeout=1
        )
    assert not list((tmp_path / "x").glob("checkouts/*"))


def test_a_transfer_that_always_gets_a_little_further_ends_too(stalling, tmp_path, monkeypatch):
    monkeypatch.setattr(gitcommand, "LONGEST", 0.01)
    with pytest.raises(NetworkUnreachable, match=r"did not arrive within 1\.2 seconds"):
        recon.clone(f"{stalling.address}/shop", ref=None, folder=tmp_path / "x", log=Talk())


def test_a_clone_says_how_far_it_is(daemon, tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "QUIET_SECONDS", 0)
    talk = Talk()
    recon.clone(f"{daemon}/shop", ref=None, folder=tmp_path / "cache", log=talk)
    assert any(line.startswith("receiving objects: 100 %") for line in talk.said)


WORDS = (
    b"remote: Counting objects: 100% (9/9), done.\nremote: Receiving objects:  90% (9/10)\r"
    b"Receiving objects:   1% (10/1000)\rReceiving objects:  11% (110/1000), 1.50 MiB | 1 MiB/s\r"
    b"Receiving objects:  12% (120/1000), 1.80 MiB | 1 MiB/s\r"
    b"Receiving objects:  20% (200/1000), 2.50 MiB | 1 MiB/s\r"
)


def test_one_line_each_ten_per_cent(monkeypatch):
    monkeypatch.setattr(progress, "QUIET_SECONDS", 0)
    talk = Talk()
    watched = Progress(talk)
    moved = [watched.moved(WORDS[:end]) for end in range(len(WORDS) + 1)]
    assert talk.said == [
        "receiving objects: 1 %",
        "receiving objects: 11 %, 1.50 MiB",
        "receiving objects: 20 %, 2.50 MiB",
    ]
    assert not watched.moved(WORDS)
    assert sum(moved) >= 4


def test_a_short_transfer_says_nothing():
    talk = Talk()
    assert Progress(talk).moved(WORDS)
    assert talk.said == []


def test_what_the_server_says_is_no_progress():
    assert not Progress(Talk()).moved(b"remote: Receiving objects:  90% (9/10)\r")
