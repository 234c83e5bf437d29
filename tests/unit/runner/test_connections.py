"""Where connections are kept open: private, found with the pinned keys, and gone afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from autodeploy.contracts import Host
from autodeploy.runner import command, connections, end_survivors
from autodeploy.runner.connections import LINK, control_path

HOST = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
LONGEST = 104
SUFFIX = len(".0123456789abcdef")
"""What OpenSSH adds to a socket's name while it is made."""


def line(folder, *words):
    return command(HOST, None, folder / "known_hosts", *words)


def place(folder):
    return (folder / LINK).readlink()


def test_words_go_through_the_open_connection_and_a_shell_does_not(tmp_path):
    assert not [one for one in line(tmp_path, "true") if one.startswith("Control")]
    with connections(tmp_path):
        asked = line(tmp_path, "true")
        assert f"ControlPath={place(tmp_path)}/%C" in asked
        assert "ControlMaster=auto" in asked
        assert not [one for one in line(tmp_path) if one.startswith("Control")]
    assert not [one for one in line(tmp_path, "true") if one.startswith("Control")]


def test_the_sockets_are_ours_alone_and_their_paths_fit(tmp_path):
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    with connections(deep):
        assert place(deep).stat().st_mode & 0o777 == 0o700
        assert len(str(place(deep) / ("c" * 40))) + SUFFIX <= LONGEST


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_nothing_is_left_after_an_error_or_an_interrupt(tmp_path, error):
    seen = []

    def fail():
        seen.append(place(tmp_path))
        raise error

    with pytest.raises(error), connections(tmp_path):
        fail()
    assert not seen[0].exists()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_controller_left_is_taken_away(tmp_path):
    abandoned = connections(tmp_path)
    abandoned.__enter__()
    left = place(tmp_path)
    (left / "c").touch()
    end_survivors(tmp_path)
    assert not left.exists()
    with connections(tmp_path):
        assert place(tmp_path) != left
    with pytest.raises(StopIteration):
        next(abandoned.gen)


def test_what_another_user_may_have_made_is_not_trusted(tmp_path):
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    foreign.chmod(0o755)
    (tmp_path / LINK).symlink_to(foreign)
    assert control_path(tmp_path) is None
    end_survivors(tmp_path)
    assert foreign.exists()
    (tmp_path / LINK).symlink_to(Path("/nonexistent"))
    assert control_path(tmp_path) is None
