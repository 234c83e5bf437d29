"""What a controller that was killed has left, and who is left alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

from autodeploy.runner import end_survivors
from autodeploy.runner.survivors import recorded


def sleeping(place):
    environment = {"AUTODEPLOY_CONTROLLER": f"{place}/controller"}
    return subprocess.Popen(["/bin/sleep", "600"], env=environment)


def test_a_play_that_ends_leaves_nothing(tmp_path):
    with recorded(tmp_path) as place:
        assert place.is_dir()
    assert not place.exists()
    assert end_survivors(tmp_path) == 0


def test_what_a_killed_controller_has_left_is_ended(tmp_path):
    entered = recorded(tmp_path)
    place = entered.__enter__()
    (place / "secret").write_text("x")
    other = Path(f"{place}-other")
    mine, others = sleeping(place), sleeping(other)
    try:
        assert end_survivors(tmp_path) == 1
        assert mine.wait(10) < 0
        assert others.poll() is None
    finally:
        others.kill()
        others.wait()
    assert not place.exists()
    assert end_survivors(tmp_path) == 0


def test_a_link_to_what_is_not_ours_alone_is_only_removed(tmp_path):
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o755)
    (tmp_path / "plays").mkdir()
    for name, target in (("open", open_to_all), ("gone", tmp_path / "gone")):
        (tmp_path / "plays" / name).symlink_to(target)
    assert end_survivors(tmp_path) == 2
    assert open_to_all.is_dir()
    assert not list((tmp_path / "plays").iterdir())
