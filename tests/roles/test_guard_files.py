"""What a guard keeps comes back as it was, whatever was done to it."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rolekit

files = rolekit.load("guard/module_utils/guard_files.py")
NAMES = st.sampled_from(["a", "b", "c.d"])
MODES = st.sampled_from([0o600, 0o644, 0o755])
LEAVES = st.tuples(st.sampled_from(["file", "link"]), st.sampled_from(["x", "y"]), MODES)
TREES = st.recursive(LEAVES, lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=6)


def build(path, tree):
    if isinstance(tree, dict):
        path.mkdir()
        for name, inner in tree.items():
            build(path / name, inner)
    elif tree[0] == "link":
        path.symlink_to(tree[1])
    else:
        path.write_text(tree[1])
        path.chmod(tree[2])


def seen(path):
    """All that is there, with modes; None where nothing is."""
    if path.is_symlink():
        return ("link", str(path.readlink()))
    if path.is_dir():
        mode = path.stat().st_mode
        return ("folder", mode, {one.name: seen(one) for one in path.iterdir()})
    return ("file", path.stat().st_mode, path.read_text()) if path.exists() else None


def armed(folder, paths, reload=()):
    guard = rolekit.load("guard/module_utils/guard.py")
    kept = {}
    guard.keep(kept, paths, str(folder / "kept"))
    content = {"paths": kept, "reload": list(reload), "why": ["SSH's settings"]}
    files.write(str(folder), "armed", content)
    return kept


@settings(deadline=None)
@given(before=st.one_of(st.none(), TREES), after=st.one_of(st.none(), TREES))
def test_any_change_of_any_tree_is_taken_back(before, after):
    with tempfile.TemporaryDirectory() as place:
        folder, path = Path(place), Path(place) / "etc"
        if before is not None:
            build(path, before)
        was = seen(path)
        armed(folder, [str(path)])
        files.remove(str(path))
        if after is not None:
            build(path, after)
        files.revert(str(folder), f"{folder}/lock")
        assert seen(path) == was
        assert not (folder / "kept").exists()


def test_what_was_kept_first_comes_back_though_its_folder_is_kept_later(tmp_path):
    guard = rolekit.load("guard/module_utils/guard.py")
    place = tmp_path / "ssh"
    build(place, {"config": ("file", "first", 0o600)})
    kept = armed(tmp_path, [str(place / "config"), str(place / "new")])
    (place / "config").write_text("second")
    (place / "new").write_text("second")
    guard.keep(kept, [str(place)], str(tmp_path / "kept"))
    files.write(str(tmp_path), "armed", {"paths": kept, "reload": [], "why": ["x"]})
    (place / "config").write_text("third")
    files.revert(str(tmp_path), f"{tmp_path}/lock")
    assert {one.name: one.read_text() for one in place.iterdir()} == {"config": "first"}


def test_a_path_below_one_that_is_kept_is_not_kept_again(tmp_path):
    build(tmp_path / "ssh", {"config": ("file", "x", 0o600)})
    paths = [str(tmp_path / "ssh"), str(tmp_path / "ssh/config"), str(tmp_path / "ssh")]
    assert list(armed(tmp_path, paths)) == paths[:1]


def test_all_is_loaded_again_and_what_fails_is_noted(tmp_path):
    touched = tmp_path / "touched"
    commands = [["false"], ["no-such-program"], ["touch", str(touched)]]
    armed(tmp_path, [str(tmp_path / "gone")], commands)
    files.revert(str(tmp_path), f"{tmp_path}/lock")
    noted = json.loads((tmp_path / "reverted").read_text())
    assert touched.exists()
    assert [one.partition(":")[0] for one in noted["failures"]] == ["false", "no-such-program"]
    assert noted["why"] == ["SSH's settings"]
    assert noted["at"].endswith("Z")
    assert not (tmp_path / "armed").exists()


@pytest.mark.parametrize("cut", ["armed", "kept"])
def test_a_revert_without_a_guard_does_nothing(tmp_path, cut):
    place = tmp_path / "file"
    place.write_text("first")
    armed(tmp_path, [str(place)])
    place.write_text("second")
    (tmp_path / "armed").unlink()
    if cut == "kept":
        shutil.rmtree(tmp_path / "kept")
    files.revert(str(tmp_path), f"{tmp_path}/lock")
    assert place.read_text() == "second"
    assert not (tmp_path / "reverted").exists()


@pytest.mark.parametrize(
    ("boot", "seconds", "reverted"), [(None, 60, False), (None, -1, True), ("another", 60, True)]
)
def test_a_revert_that_waited_for_the_lock_lets_be_what_was_armed_since(
    tmp_path, boot, seconds, reverted
):
    place = tmp_path / "file"
    place.write_text("first")
    kept = armed(tmp_path, [str(place)])
    until = time.clock_gettime(time.CLOCK_BOOTTIME) + seconds
    said = {"paths": kept, "reload": [], "why": ["x"], "boot": boot or files.boot()}
    files.write(str(tmp_path), "armed", {**said, "until": until})
    place.write_text("second")
    files.revert(str(tmp_path), f"{tmp_path}/lock")
    assert place.read_text() == ("first" if reverted else "second")
    assert (tmp_path / "armed").exists() is not reverted


def test_a_revert_that_broke_off_is_repeated(tmp_path):
    place = tmp_path / "etc"
    build(place, {"a": ("file", "first", 0o600)})
    armed(tmp_path, [str(place)])
    (place / "a").write_text("second")
    (place / "a.revert").write_text("half")
    (place / "b").mkdir()
    files.revert(str(tmp_path), f"{tmp_path}/lock")
    assert {one.name: one.read_text() for one in place.iterdir()} == {"a": "first"}
