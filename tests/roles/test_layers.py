"""Dependencies that arrive before their release: whole, verified, and never beside another run."""

from __future__ import annotations

import hashlib
import os
import runpy
import sys
from pathlib import Path

import pytest
from ansible.module_utils import artifact_archive, artifact_store, service_turn

from test_artifact import GOOD

PROGRAM = Path(__file__).parents[2] / "playbooks/files/layers.py"
DIGEST = hashlib.sha256(GOOD).hexdigest()


@pytest.fixture
def program(tmp_path, monkeypatch):
    """The program, on a host of its own."""
    (tmp_path / DIGEST).write_bytes(GOOD)
    for folder in ("srv", "run"):
        (tmp_path / folder).mkdir()
    monkeypatch.setattr(service_turn, "FOLDER", str(tmp_path / "run"))
    monkeypatch.setattr(os, "chown", lambda *_, **__: None)

    class Store(artifact_store.Store):
        def __init__(self, application):
            self.root = str(tmp_path / "srv" / application)
            self.layers = f"{self.root}/layers"

    monkeypatch.setattr(artifact_store, "Store", Store)
    found = runpy.run_path(str(PROGRAM))
    monkeypatch.setattr(sys, "path", [str(tmp_path / "code"), *sys.path])
    return found["main"]


def there(tmp_path):
    return [one.name for one in (tmp_path / "srv/shop/layers").iterdir()]


def test_layers_are_unpacked_once(program, tmp_path):
    program("shop", DIGEST)
    assert there(tmp_path) == [DIGEST]
    (tmp_path / DIGEST).unlink()
    program("shop", DIGEST)
    assert there(tmp_path) == [DIGEST]


def test_another_archive_leaves_nothing(program, tmp_path):
    (tmp_path / DIGEST).write_bytes(GOOD + b"x")
    with pytest.raises(artifact_archive.Refused, match="SHA-256"):
        program("shop", DIGEST)
    assert there(tmp_path) == []


def test_nothing_is_done_while_a_run_works_on_the_releases(program, tmp_path):
    class Systemd:
        def run(self, *_words, check=True):
            raise AssertionError("nothing is stopped")

    with service_turn.turn(Systemd(), "shop", "r1"), pytest.raises(SystemExit):
        program("shop", DIGEST)
    assert not (tmp_path / "srv/shop").exists()


def test_what_nobody_hears_unpacks_nothing(program, tmp_path, monkeypatch):
    monkeypatch.setitem(program.__globals__, "is_heard", lambda: False)
    with pytest.raises(SystemExit, match="gone"):
        program("shop", DIGEST)
    assert not (tmp_path / "srv/shop").exists()


def test_a_release_waits_for_it(program):
    with service_turn.nobodys_turn("shop") as mine:
        assert mine
        with service_turn.lock("shop") as held:
            assert not service_turn.locked(held, service_turn.fcntl.LOCK_NB)
