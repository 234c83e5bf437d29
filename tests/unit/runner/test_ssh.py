"""SSH command lines and pinned keys."""

from __future__ import annotations

from autodeploy.contracts import Host
from autodeploy.runner import command, pin

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
