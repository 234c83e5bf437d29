"""UFW's files as they were: kept once, and put back."""

from __future__ import annotations

import pytest


@pytest.fixture
def module(plugin):
    return plugin("firewall/module_utils/ufw_before.py")


@pytest.fixture
def place(tmp_path):
    """A folder to keep files in, and three files of which one is not there."""
    files = [str(tmp_path / name) for name in ("default", "rules", "missing")]
    for path in files[:2]:
        with open(path, "w") as file:  # noqa: PTH123
            file.write(f"{path}: first")
    return str(tmp_path / "kept"), files


def test_what_was_there_first_comes_back(module, place, tmp_path):
    _folder, files = place
    module.keep(*place)
    (tmp_path / "rules").write_text("second")
    module.keep(*place)
    (tmp_path / "rules").write_text("third")
    (tmp_path / "missing").write_text("new")
    assert module.different(*place) == [files[1]]
    module.put_back(*place)
    assert (tmp_path / "rules").read_text() == f"{files[1]}: first"
    assert module.different(*place) == []


def test_a_run_that_broke_off_kept_nothing(module, place, tmp_path):
    (tmp_path / "kept.partial").mkdir()
    (tmp_path / "kept.partial/rubbish").touch()
    module.keep(*place)
    assert sorted(one.name.rpartition("-")[2] for one in (tmp_path / "kept").iterdir()) == [
        "default",
        "rules",
    ]


@pytest.mark.parametrize(
    ("text", "on"),
    [("ENABLED=yes\nLOGLEVEL=low\n", True), ("ENABLED=no\n", False), ("# ENABLED=yes1\n", False)],
)
def test_whether_it_was_on(module, tmp_path, text, on):
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "etc-ufw-ufw.conf").write_text(text)
    assert module.was_enabled(str(folder)) is on


def test_nothing_kept_was_off(module, tmp_path):
    assert module.was_enabled(str(tmp_path)) is False
