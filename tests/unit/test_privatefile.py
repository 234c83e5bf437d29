"""Files of ours alone: whole or not at all, never through a link."""

from __future__ import annotations

import os
import stat
import threading

import pytest

from autodeploy import privatefile


def names(folder):
    return sorted(one.name for one in folder.iterdir())


def test_it_is_its_owners_alone_from_its_first_byte(tmp_path, monkeypatch):
    modes = []
    monkeypatch.setattr("os.fsync", lambda one: modes.append(stat.S_IMODE(os.fstat(one).st_mode)))
    old = os.umask(0)
    try:
        privatefile.write(tmp_path / "one", b"text\xff")
    finally:
        os.umask(old)
    assert modes == [stat.S_IMODE((tmp_path / "one").stat().st_mode)] == [0o600]
    assert (tmp_path / "one").read_bytes() == b"text\xff"
    assert names(tmp_path) == ["one"]


def test_what_was_open_to_others_is_so_no_more(tmp_path):
    (tmp_path / "one").touch(mode=0o644)
    privatefile.write(tmp_path / "one", b"new")
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o600


@pytest.mark.parametrize("planted", ["one", "one.tmp", ".one.partial"])
def test_a_link_that_somebody_has_planted_leads_nowhere(tmp_path, planted):
    (tmp_path / "victim").write_text("kept")
    (tmp_path / planted).symlink_to("victim")
    privatefile.write(tmp_path / "one", b"new")
    assert (tmp_path / "victim").read_text() == "kept"
    assert not (tmp_path / "one").is_symlink()


@pytest.mark.parametrize("error", [OSError(28, "full"), KeyboardInterrupt()])
def test_what_fails_leaves_what_was_there(tmp_path, monkeypatch, error):
    def fails(_descriptor):
        raise error

    (tmp_path / "one").write_text("old")
    monkeypatch.setattr("os.fsync", fails)
    with pytest.raises(type(error)):
        privatefile.write(tmp_path / "one", b"new")
    assert (tmp_path / "one").read_text() == "old"
    assert names(tmp_path) == ["one"]


def test_of_several_at_once_one_stays_whole(tmp_path):
    texts = [letter * 100_000 for letter in (b"a", b"b", b"c", b"d")]
    writers = [
        threading.Thread(target=privatefile.write, args=(tmp_path / "one", text)) for text in texts
    ]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert (tmp_path / "one").read_bytes() in texts
    assert names(tmp_path) == ["one"]


def test_what_a_killed_process_has_left_is_found(tmp_path):
    for name in (".one.x.partial", ".one2.x.partial", "one", ".other.x.partial"):
        (tmp_path / name).touch()
    assert [one.name for one in privatefile.unfinished(tmp_path / "one")] == [".one.x.partial"]
    found = {one.name for one in privatefile.unfinished(tmp_path / "one*")}
    assert found == {".one.x.partial", ".one2.x.partial"}
    assert list(privatefile.unfinished(tmp_path / "none" / "one")) == []
