"""Who works on a host is never shut out of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import rolekit

ORIGIN = rolekit.load("hardening/module_utils/hardening_origin.py")
TOPICS = rolekit.load("hardening/module_utils/hardening_topics.py")


def process(proc, pid, name, parent, **environ):
    """A process in a folder like /proc."""
    folder = proc / str(pid)
    folder.mkdir()
    (folder / "stat").write_text(f"{pid} ({name}) S {parent} 0 0\n")
    (folder / "environ").write_text("".join(f"{key}={one}\0" for key, one in environ.items()))


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("192.0.2.7 50022 198.51.100.1 22", "192.0.2.7"),
        ("2001:db8::7 50022 2001:db8::1 22", "2001:db8::7"),
        ("fe80::7%eth0 50022 fe80::1%eth0 22", None),
        ("UNKNOWN 65535 UNKNOWN 65535", None),
    ],
)
def test_who_works_on_the_host_is_known_from_the_shell_that_sshd_began(tmp_path, told, found):
    process(tmp_path, 1, "systemd", 0)
    process(tmp_path, 20, "sshd-session", 1, SSH_CONNECTION="203.0.113.1 1 203.0.113.2 22")
    process(tmp_path, 30, "sh ) (", 20, LANG="C", SSH_CONNECTION=told)
    process(tmp_path, 40, "sudo", 30, LANG="C", SSH_CONNECTION_OLD="203.0.113.1")
    process(tmp_path, 50, "python3", 40)
    assert ORIGIN.controller(50, str(tmp_path)) == found
    process(tmp_path, 60, "python3", 20)
    process(tmp_path, 70, "python3", 1)
    assert [ORIGIN.controller(pid, str(tmp_path)) for pid in (60, 70)] == [None, None]


def test_who_works_on_the_host_is_a_controller(monkeypatch):
    here = "192.0.2.7"
    monkeypatch.setattr(TOPICS, "controller", lambda _pid: here)
    for known in ([], [here], ["192.0.2.4"]):
        module = SimpleNamespace(params={"controllers": known, "post_quantum": True})
        told = TOPICS.options(module)
        assert sorted(told["controllers"]) == sorted({*known, here})
        assert told["post_quantum"] is True
