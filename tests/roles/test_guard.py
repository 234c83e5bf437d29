"""Which connection confirms a change, and what several changes are together."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rolekit

guard = rolekit.load("guard/module_utils/guard.py")
WORDS = st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=2)
CHANGES = st.lists(st.tuples(st.lists(WORDS, max_size=3), st.sampled_from("xyz")), max_size=5)


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ({"boot": "one", "connection": 501}, None),
        ({"boot": "one", "connection": 500}, "open before the change"),
        ({"boot": "one", "connection": 7}, "open before the change"),
        ({"boot": "two", "connection": 7}, None),
        ({"boot": "one", "connection": None}, "this is none"),
        ({"boot": "two", "connection": None}, "this is none"),
    ],
)
def test_only_a_connection_that_began_afterwards_is_fresh(now, why):
    said = guard.staleness({"boot": "one", "moment": 500.3, "connection": 7}, now)
    assert said is None if why is None else why in said


def process(proc, pid, name, parent, began):
    """A process in a folder like /proc; its 22nd word is when it began."""
    words = ["S", str(parent), *["0"] * 17, str(began), "0"]
    (proc / str(pid)).mkdir()
    (proc / str(pid) / "stat").write_text(f"{pid} ({name}) {' '.join(words)}\n")


@pytest.mark.parametrize("name", ["sshd", "sshd-session"])
def test_a_connection_began_with_the_nearest_sshd(tmp_path, name):
    process(tmp_path, 1, "systemd", 0, 1)
    process(tmp_path, 20, "sshd", 1, 100)
    process(tmp_path, 30, name, 20, 2000)
    process(tmp_path, 31, name, 30, 2010)
    process(tmp_path, 40, "a ) (b", 31, 2020)
    process(tmp_path, 41, "python3", 40, 2030)
    assert guard.connection(41, str(tmp_path)) == 2010
    process(tmp_path, 50, "python3", 1, 3000)
    assert guard.connection(50, str(tmp_path)) is None


def test_this_process_is_somewhere():
    found = guard.here()
    assert found["boot"]
    assert (found["connection"] or 0) < found["moment"]


@given(changes=CHANGES)
def test_several_changes_are_one_without_doubles_and_in_order(changes):
    armed = None
    for commands, why in changes:
        armed = guard.merged(armed, commands, why)
    said = [command for commands, _why in changes for command in commands]
    unique = [one for place, one in enumerate(said) if one not in said[:place]]
    assert (armed or {"reload": []})["reload"] == unique
    assert (armed or {"why": []})["why"] == list(dict.fromkeys(why for _commands, why in changes))


def test_a_revert_says_what_when_and_what_to_do():
    said = guard.sentence({"why": ["SSH's settings", "the firewall"], "at": "T", "failures": ["x"]})
    assert said.startswith("the change of SSH's settings and the firewall was taken back by")
    assert "at T" in said
    assert "run again" in said
    assert said.endswith("; not taken back: x")


def test_the_program_on_the_host_stands_alone():
    text = inspect.getsource(guard.guard_files)
    assert "ansible" not in text.replace("Ansible's", "")
    assert text.rstrip().endswith("revert(sys.argv[1])")
