"""The firewall's files as they were: kept once, and put back."""

from __future__ import annotations

import pytest


@pytest.fixture
def module(plugin):
    return plugin("firewall/module_utils/firewall_before.py")


@pytest.fixture
def files(tmp_path):
    """A file, a folder and one that is not there."""
    (tmp_path / "zones").mkdir()
    (tmp_path / "zones/public.xml").write_text("first")
    (tmp_path / "rules").write_text("first")
    return [str(tmp_path / name) for name in ("rules", "zones", "missing")]


def test_what_was_there_first_comes_back(module, files, tmp_path):
    kept = str(tmp_path / "kept")
    module.keep(files, "UFW", active=False, folder=kept)
    (tmp_path / "rules").write_text("second")
    module.keep(files, "UFW", active=True, folder=kept)
    (tmp_path / "zones/other.xml").write_text("third")
    (tmp_path / "missing").write_text("new")
    assert module.state(kept) == {"name": "UFW", "active": False}
    assert module.different(files, kept) == files[:2]
    module.restore(files, kept)
    assert (tmp_path / "rules").read_text() == "first"
    assert [one.name for one in (tmp_path / "zones").iterdir()] == ["public.xml"]
    assert module.different(files, kept) == []


def test_a_run_that_broke_off_kept_nothing(module, files, tmp_path):
    (tmp_path / "kept.partial").mkdir()
    (tmp_path / "kept.partial/rubbish").touch()
    module.keep(files, "UFW", active=True, folder=str(tmp_path / "kept"))
    names = [one.name.rpartition("-")[2] for one in (tmp_path / "kept").iterdir()]
    assert sorted(names) == ["rules", "state", "zones"]


def test_nothing_kept_says_nothing(module, tmp_path):
    assert module.state(str(tmp_path)) is None
