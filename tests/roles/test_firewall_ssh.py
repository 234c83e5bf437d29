"""On which ports SSH listens."""

from __future__ import annotations

import pytest

TCP = """  sl  local_address rem_address st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode
   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1 1 0 100
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000 0 0 2 1 0 100
"""

SETTINGS = """port 22
port 2222
listenaddress [::]:22
listenaddress 0.0.0.0:2222
listenaddress 127.0.0.1:2200
permitrootlogin no
x11displayoffset 10
"""


@pytest.fixture(scope="module")
def module(plugin):
    return plugin("firewall/module_utils/firewall_ssh.py")


def test_listening_is_not_connected(module):
    assert module.listening_ports(TCP) == {22}


def test_ports_are_those_that_sshd_names(module):
    assert module.configured_ports(SETTINGS) == [22, 2200, 2222]
    assert module.configured_ports("") == []
    assert module.configured_ports("port 22\nlistenaddress 0.0.0.0:2222\n") == [2222]
    assert module.configured_ports("port 22\n") == [22]


def test_a_port_on_which_nothing_listens_is_none(module, tmp_path, monkeypatch):
    (tmp_path / "tcp").write_text(TCP)
    monkeypatch.setattr(module, "TABLES", (str(tmp_path / "tcp"), str(tmp_path / "tcp6")))
    assert module.ssh_ports(SETTINGS) == [22]
