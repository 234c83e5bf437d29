"""Packed modules are kept from one run for the next, whole, and for the same roles alone."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from ansible import constants

PLUGIN = Path(__file__).parents[2] / "playbooks/action_plugins/controller.py"


@pytest.fixture
def kept():
    return runpy.run_path(str(PLUGIN))["kept"]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Begins a run; gives Ansible's own place for what it has packed."""
    runs = iter(range(9))

    def begin():
        folder = tmp_path / f"run-{next(runs)}"
        monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(folder), raising=False)
        return folder / "ansiballz_cache"

    return begin


def names(folder):
    return sorted(one.name for one in folder.rglob("*") if one.is_file())


def test_what_one_run_packs_the_next_finds(kept, run, tmp_path):
    home = tmp_path / "modules"
    first = run()
    with kept(home / "digest"):
        assert names(first) == []
        (first / "release").write_text("packed")
        (first / "release.lock").touch()
    second = run()
    with kept(home / "digest"):
        assert names(second) == ["release"]
        assert (second / "release").read_text() == "packed"
    assert names(home) == ["release"]
    (place,) = (home / "digest").iterdir()
    assert place.stat().st_mode & 0o077 == 0


def test_other_roles_find_nothing_and_take_its_place(kept, run, tmp_path):
    home = tmp_path / "modules"
    for digest in ("old", "new"):
        place = run()
        with kept(home / digest):
            assert names(place) == []
            (place / "release").touch()
    assert [one.name for one in home.iterdir()] == ["new"]
    assert names(home) == ["release"]


def test_without_a_place_nothing_is_kept(kept, run):
    place = run()
    with kept(None):
        pass
    assert not place.exists()


def test_where_nothing_can_be_kept_the_run_goes_on(kept, run, tmp_path):
    (tmp_path / "modules").touch()
    place = run()
    with kept(tmp_path / "modules" / "digest"):
        place.mkdir(parents=True, exist_ok=True)
        (place / "release").touch()
    assert (tmp_path / "modules").is_file()
