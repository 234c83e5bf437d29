"""Archives that go to a host beside a play: what is sent is whole, and can be stopped."""

from __future__ import annotations

import subprocess
import sys
import tarfile

import pytest

from autodeploy.contracts import Host
from autodeploy.runner import NotSent, Sending, layers

HOST = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
DIGEST = "d" * 64


@pytest.fixture
def archives(tmp_path):
    (tmp_path / "archive").write_bytes(b"x" * 3_000_000)
    return {DIGEST: tmp_path / "archive"}


@pytest.fixture
def ssh(monkeypatch):
    """In place of OpenSSH: a shell script."""

    def answer(script):
        monkeypatch.setattr(layers, "command", lambda *_: ["sh", "-c", script])

    return answer


def test_the_program_is_sent_with_all_that_it_imports(tmp_path, archives):
    with (tmp_path / "sent").open("wb") as file:
        layers.write(file, archives)
    place = tmp_path / "place"
    with tarfile.open(tmp_path / "sent") as tar:
        tar.extractall(place, filter="data")
    assert (place / DIGEST).stat().st_size == 3_000_000
    # Alone: the Ansible of this machine is not the host's.
    line = [sys.executable, "-ISB", place / "code"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert "main() missing 1 required positional argument: 'application'" in done.stderr


def test_a_host_that_has_them_need_not_take_them(ssh, archives):
    ssh("exit 0")
    Sending(HOST, None, "known_hosts").carry_out("shop", archives)


def test_what_the_host_says_is_why(ssh, archives):
    ssh("echo no room >&2; exit 1")
    with pytest.raises(NotSent, match="no room"):
        Sending(HOST, None, "known_hosts").carry_out("shop", archives)


def test_what_was_stopped_does_not_begin(ssh, archives):
    ssh("exit 0")
    one = Sending(HOST, None, "known_hosts")
    one.stop()
    with pytest.raises(NotSent, match="stopped"):
        one.carry_out("shop", archives)


def test_what_has_begun_ends_when_it_is_stopped(ssh, archives, monkeypatch):
    one = Sending(HOST, None, "known_hosts")
    ssh("exec sleep 600")
    monkeypatch.setattr(layers, "write", lambda _stream, _archives: one.stop())
    with pytest.raises(NotSent):
        one.carry_out("shop", archives)


@pytest.mark.parametrize(("user", "first"), [("admin", "sudo"), ("root", "sh")])
def test_a_root_login_needs_no_sudo(user, first, archives, monkeypatch):
    asked = []
    monkeypatch.setattr(layers, "command", lambda *given: asked.extend(given[3:]) or ["true"])
    host = HOST.model_copy(update={"user": user})
    Sending(host, None, "known_hosts").carry_out("shop", archives)
    assert asked[0] == first
