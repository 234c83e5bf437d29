"""Kernel settings are raised where they are too low, and given back."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from autodeploy.lab import kernel

FORWARD, INOTIFY = "net/ipv4/ip_forward", "fs/inotify/max_user_instances"


@pytest.fixture
def system(tmp_path, monkeypatch):
    system = SimpleNamespace()
    monkeypatch.setattr(kernel, "SYSTEM", tmp_path)
    for name in kernel.WANTED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)

    def write(forward, inotify):
        (tmp_path / FORWARD).write_text(f"{forward}\n")
        (tmp_path / INOTIFY).write_text(f"{inotify}\n")

    write(0, 128)
    system.read = lambda: [int((tmp_path / name).read_text()) for name in (FORWARD, INOTIFY)]
    system.write = write
    return system


def test_what_was_raised_is_given_back(system, tmp_path):
    record = tmp_path / "record"
    kernel.prepare(record)
    kernel.prepare(record)
    assert system.read() == [1, 8192]
    kernel.as_before(record)
    assert system.read() == [0, 128]
    assert not record.exists()


def test_what_was_high_enough_is_let_be(system, tmp_path):
    system.write(1, 99999)
    kernel.prepare(tmp_path / "record")
    assert system.read() == [1, 99999]
    kernel.as_before(tmp_path / "record")
    assert system.read() == [1, 99999]


def test_what_somebody_else_has_set_since_is_theirs(system, tmp_path):
    kernel.prepare(tmp_path / "record")
    system.write(1, 512)
    kernel.as_before(tmp_path / "record")
    assert system.read() == [0, 512]
