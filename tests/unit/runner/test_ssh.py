"""SSH command lines and pinned keys."""

from __future__ import annotations

import pytest

from autodeploy import stopping
from autodeploy.contracts import Host
from autodeploy.errors import HostUnreachable, LeaseLost
from autodeploy.runner import command, keep_login_key, login_key, pin, ssh, wait_for_ssh

HOST = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")


def test_exactly_the_hosts_keys_are_pinned(tmp_path):
    other = HOST.model_copy(update={"address": "192.0.2.2", "port": 2222})
    path = pin((HOST, other), tmp_path)
    assert path.read_text() == "192.0.2.1 ssh-ed25519 AAAA\n[192.0.2.2]:2222 ssh-ed25519 AAAA\n"
    assert pin((HOST,), tmp_path).read_text() == "192.0.2.1 ssh-ed25519 AAAA\n"


def test_no_connection_trusts_an_unknown_host(tmp_path):
    line = command(HOST, tmp_path / "key", tmp_path / "known_hosts", "uptime")
    assert "StrictHostKeyChecking=yes" in line
    assert f"UserKnownHostsFile={tmp_path / 'known_hosts'}" in line
    assert line[-2:] == ["admin@192.0.2.1", "uptime"]


def test_a_key_is_the_only_one_offered_and_none_is_openssh_s_choice(tmp_path):
    line = command(HOST, tmp_path / "key", tmp_path / "known_hosts")
    assert line[line.index("-i") + 1] == str(tmp_path / "key")
    assert "IdentitiesOnly=yes" in line
    line = command(HOST, None, tmp_path / "known_hosts")
    assert "-i" not in line
    assert "IdentitiesOnly=no" in line


def test_the_users_key_is_linked_and_never_moved(tmp_path):
    assert login_key(tmp_path) is None
    ours, theirs = tmp_path / "id_ed25519", tmp_path / "theirs"
    ours.write_text("made by us")
    assert login_key(tmp_path) == ours
    theirs.write_text("theirs")
    keep_login_key(tmp_path, theirs)
    assert login_key(tmp_path) == theirs
    keep_login_key(tmp_path, None)
    assert login_key(tmp_path) is None
    assert theirs.read_text() == "theirs"


@pytest.mark.parametrize(
    ("look", "found"),
    [
        ("test -d {there}/r1 && grep -q '\"served\"' {there}/.r1.json", True),
        ("test -d {there}/r2 && grep -q '\"served\"' {there}/.r2.json", False),
        ("test -d {there}/r3 && grep -q '\"served\"' {there}/.r3.json", False),
    ],
)
def test_a_look_at_a_host_tells_whether_it_ends_well(look, found, tmp_path, monkeypatch):
    """What SSH would hand to the host's shell is handed to this machine's."""
    (tmp_path / "r1").mkdir()
    (tmp_path / ".r1.json").write_text('{"served": {}}')
    (tmp_path / "r2").mkdir()
    (tmp_path / ".r2.json").write_text("{}")

    def here(_host, _key, _known_hosts, *words):
        return ["sh", "-c", " ".join(words).removeprefix("sudo -n ")]

    monkeypatch.setattr(ssh, "command", here)
    assert ssh.holds(HOST, None, tmp_path, look.format(there=tmp_path)) is found


def test_a_look_that_ssh_cannot_take_is_no_answer(tmp_path, monkeypatch):
    monkeypatch.setattr(ssh, "command", lambda *_: ["sh", "-c", "exit 255"])
    with pytest.raises(HostUnreachable):
        ssh.holds(HOST, None, tmp_path, "true")


def test_nobody_waits_for_a_host_once_the_lease_is_lost(tmp_path, journal):
    nobody = HOST.model_copy(update={"address": "127.0.0.1", "port": 9})
    with stopping.at_safe_points():
        stopping.lose(LeaseLost("ann@laptop works on it"))
        with pytest.raises(LeaseLost):
            wait_for_ssh(nobody, None, tmp_path / "k", journal.agent("deployer"), seconds=5)
