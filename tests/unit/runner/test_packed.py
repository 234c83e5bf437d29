"""Packed modules are kept from one play for the next, whole, and for the same roles alone."""

from __future__ import annotations

import json
import sys

import pytest

from autodeploy import paths
from autodeploy.errors import TaskFailed
from autodeploy.runner import Play, packed, run


@pytest.fixture
def play(tmp_path):
    """Gives the folder of a play, with these names in it."""

    def one(*names):
        (folder := tmp_path / "packed").mkdir(exist_ok=True)
        for name in names:
            (folder / name).write_text("packed")
        return folder

    return one


def names(folder):
    return sorted(one.name for one in folder.rglob("*") if one.is_file())


@pytest.mark.usefixtures("home")
def test_what_is_whole_is_kept_for_nobody_else(play):
    place = packed.place()
    packed.keep(play("stat", "stat.lock", "copy.lock", "copy-part"), place)
    packed.keep(play("stat", "copy"), place)
    assert names(place) == ["copy", "stat"]
    assert (place / "stat").read_text() == "packed"
    assert place.stat().st_mode & 0o077 == 0


def test_other_roles_find_nothing_and_take_its_place(play, home):
    old, new = packed.place(), home / "cache/modules/new"
    packed.keep(play("stat"), old)
    packed.keep(play("stat"), new)
    assert list(new.parent.iterdir()) == [new]


@pytest.mark.usefixtures("home")
def test_a_play_that_packed_nothing_forgets_nothing(play, tmp_path):
    packed.keep(play("stat"), packed.place())
    (tmp_path / "none").mkdir()
    packed.keep(tmp_path / "none", packed.place().with_name("other"))
    assert names(packed.place()) == ["stat"]


def test_where_nothing_can_be_kept_the_run_goes_on(play, tmp_path):
    (tmp_path / "modules").touch()
    packed.keep(play("stat"), tmp_path / "modules/digest")
    assert (tmp_path / "modules").is_file()


@pytest.mark.usefixtures("home")
def test_what_is_kept_is_lent_to_the_next_and_nothing_to_the_first(play, tmp_path):
    packed.lend(packed.place(), tmp_path / "first")
    assert names(tmp_path / "first") == []
    packed.keep(play("stat"), packed.place())
    packed.lend(packed.place(), tmp_path / "second")
    assert names(tmp_path / "second") == ["stat"]
    assert (tmp_path / "second").stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("home")
def test_a_play_takes_what_the_one_before_has_packed(tmp_path, monkeypatch, journal):
    (content := tmp_path / "content").mkdir()
    for name in ("ansible.cfg", "inventories", "roles"):
        (content / name).symlink_to(paths.ansible_content() / name)
    (content / "playbooks").mkdir()
    task = {"ansible.builtin.ping": {}}
    (content / "playbooks/ping.yml").write_text(
        json.dumps([{"hosts": "all", "gather_facts": False, "tasks": [task]}])
    )
    monkeypatch.setattr(paths, "ansible_content", lambda: content)
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    inventory = tmp_path / "hosts.json"
    inventory.write_text(
        json.dumps({"_meta": {"hostvars": {"here": local}}, "g": {"hosts": ["here"]}})
    )
    play = Play(playbook="ping.yml", inventory=inventory)
    run(play, journal.agent("deployer"), "deployer")
    (one,) = packed.place().iterdir()
    one.write_text("no module any more")
    with pytest.raises(TaskFailed, match="invalid load key"):
        run(play, journal.agent("deployer"), "deployer")
