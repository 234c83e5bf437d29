"""Runs of real playbooks on this machine: what reaches the roles, and what reaches nobody."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from autodeploy import paths, stopping
from autodeploy.errors import LeaseLost, TaskFailed
from autodeploy.runner import NoAnswer, Play, started
from autodeploy.runner.survivors import end_play
from autodeploy.settings import FORKS

pytestmark = pytest.mark.slow
CANARY = "canary-83ab"
PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - controller:
        question: what
      no_log: true
    - ansible.builtin.copy:
        content: "{{ said | to_json }}"
        dest: "{{ target }}"
        mode: "0600"
      no_log: true
"""
TELL = """
- hosts: all
  gather_facts: false
  tasks:
    - controller:
        question: what
      no_log: true
    - ansible.builtin.fail:
        msg: "it is {{ said }} alone"
"""
ENVIRONMENT = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.copy:
        content: >-
          {{ lookup('env', 'CANARY') }} {{ lookup('config', 'DEFAULT_KEEP_REMOTE_FILES') }}
          {{ lookup('config', 'DEFAULT_FORKS') }}
        dest: "{{ target }}"
        mode: "0600"
"""
GUARD = """
- hosts: all
  gather_facts: false
  any_errors_fatal: true
  tasks:
    - ansible.builtin.include_role:
        name: guard
      vars:
        guard_seconds: 0
    - ansible.builtin.file:
        path: "{{ target }}"
        state: touch
        mode: "0600"
"""
SHUT = """
import pathlib
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection.local import Connection as Local
DOCUMENTATION = "name: shut\\nshort_description: Lets nobody in the first time\\noptions: {}"
class Connection(Local):
    transport = "shut"
    def exec_command(self, *given, **more):
        first = pathlib.Path(__file__).with_name("first")
        if first.exists():
            first.unlink()
            raise AnsibleConnectionFailure("the door is shut")
        return super().exec_command(*given, **more)
"""
REFUSES = """#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
AnsibleModule(argument_spec={}).fail_json(msg="the host took it back")
"""
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.fixture
def content(tmp_path, monkeypatch):
    """Our own configuration and plugins, with playbooks of the tests' own."""
    folder = tmp_path / "content"
    folder.mkdir()
    for name in ("ansible.cfg", "inventories"):
        (folder / name).symlink_to(paths.ansible_content() / name)
    (folder / "roles").mkdir()
    for role in (paths.ansible_content() / "roles").iterdir():
        (folder / "roles" / role.name).symlink_to(role)
    (folder / "playbooks").mkdir()
    for name in ("action_plugins", "library"):
        (folder / "playbooks" / name).symlink_to(paths.ansible_content() / "playbooks" / name)
    (folder / "playbooks/write.yml").write_text(PLAYBOOK)
    (folder / "playbooks/tell.yml").write_text(TELL)
    (folder / "playbooks/environment.yml").write_text(ENVIRONMENT)
    monkeypatch.setattr(paths, "ansible_content", lambda: folder)
    return folder


@pytest.fixture
def play(tmp_path, home, journal):
    """Runs a playbook on this machine, without becoming anybody."""

    def one(playbook, secrets=None, answer=None, forks=FORKS, **variables):
        local = {
            "ansible_connection": "local",
            "ansible_become": False,
            "ansible_python_interpreter": sys.executable,
        }
        hosts = {"_meta": {"hostvars": {"here": {**local, **variables}}}, "g": {"hosts": ["here"]}}
        (tmp_path / "hosts.json").write_text(json.dumps(hosts))
        one = Play(playbook=playbook, inventory=tmp_path / "hosts.json", forks=forks)
        answers = {"what": answer or (lambda _host: secrets)}
        with started(one, journal.agent("deployer"), "deployer", answers) as running:
            running.hide(secrets or {})
            return running.wait()

    return one


@pytest.mark.usefixtures("content")
@settings(max_examples=2, phases=[Phase.generate])
@given(st.lists(VALUES, min_size=60, max_size=60))
def test_any_text_reaches_the_roles_unchanged(play, tmp_path, values):
    values += ["{{ 7 * 7 }}", "{% raw %}", "line\nline\r\n", "'\"\\ $`", "!vault |", "🦆", " "]
    secrets = {"said": {f"K{number}": value for number, value in enumerate(values)}}
    target = tmp_path / "said.json"
    target.unlink(missing_ok=True)
    assert play("write.yml", secrets, target=str(target), said="the inventory's").changed is True
    assert json.loads(target.read_text()) == secrets["said"]
    assert play("write.yml", secrets, target=str(target), said="the inventory's").changed is False


@pytest.mark.usefixtures("content")
def test_our_own_environment_stays_with_us(play, tmp_path, monkeypatch):
    monkeypatch.setenv("CANARY", CANARY)
    monkeypatch.setenv("ANSIBLE_KEEP_REMOTE_FILES", "True")
    play("environment.yml", target=str(tmp_path / "seen"))
    assert (tmp_path / "seen").read_text() == " False 20"


@pytest.mark.usefixtures("content")
def test_forks_reach_ansible_and_a_task_is_heard_when_it_begins(play, tmp_path, journal):
    journal._listener = (heard := []).append
    play("environment.yml", forks=3, target=str(tmp_path / "seen"))
    assert (tmp_path / "seen").read_text() == " False 3"
    copied = [one for one in heard if getattr(one, "step", "") == "ansible.builtin.copy"]
    assert [one.kind for one in copied] == ["step_started", "step"]
    assert {(one.agent, one.host) for one in copied} == {("deployer", "here")}


@pytest.mark.usefixtures("content")
def test_a_failure_is_told_without_the_secret(play, journal):
    with pytest.raises(TaskFailed) as raised:
        play("tell.yml", {"said": CANARY})
    assert "it is *** alone" in str(raised.value)
    assert CANARY not in str(raised.value) + journal.path.read_text()


@pytest.mark.usefixtures("content")
def test_a_question_without_an_answer_ends_the_play(play, tmp_path):
    def none(_host):
        raise NoAnswer("there was no build")

    with pytest.raises(TaskFailed, match="controller"):
        play("write.yml", answer=none, target=str(tmp_path / "said"))
    assert not (tmp_path / "said").exists()


@pytest.mark.usefixtures("content")
def test_a_play_that_the_user_has_stopped_says_no_more_than_that(play, tmp_path, monkeypatch):
    def late(_host):
        monkeypatch.setattr(stopping, "is_asked", lambda: True)
        return {"said": "x"}

    with pytest.raises(TaskFailed) as raised:
        play("write.yml", answer=late, target=str(tmp_path / "said"))
    assert str(raised.value) == "write.yml was stopped between two tasks"


@pytest.mark.usefixtures("content")
def test_what_follows_a_question_is_not_done_once_the_right_to_it_is_lost(play, tmp_path):
    def late(_host):
        stopping.lose(LeaseLost("ann@laptop works on it"))
        return {"said": "x"}

    with stopping.at_safe_points(), pytest.raises(TaskFailed):
        play("write.yml", answer=late, target=str(tmp_path / "said"))
    assert not (tmp_path / "said").exists()


@pytest.mark.usefixtures("content")
def test_a_play_that_somebody_kills_is_told_as_that(play, tmp_path):
    def kill(_host):
        (link,) = (tmp_path / "plays").iterdir()
        end_play(link.readlink())
        return {}

    with pytest.raises(TaskFailed, match=r"write\.yml ended as killed"):
        play("write.yml", answer=kill, target=str(tmp_path / "said"))


@pytest.mark.usefixtures("content")
def test_nothing_is_left_behind(play, tmp_path, monkeypatch):
    folder = tmp_path / "t"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    target = tmp_path / "said.json"
    play("write.yml", {"said": CANARY}, target=str(target))
    target.unlink()
    assert list(folder.iterdir()) == []
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and holds(path)]


def holds(path: Path) -> bool:
    return CANARY.encode() in path.read_bytes()


@pytest.mark.parametrize("connection", ["shut", "local"])
def test_what_a_host_took_back_is_heard_and_ends_the_play(content, play, tmp_path, connection):
    """Ansible's own any_errors_fatal would end it at a door that is shut, ignored or not."""
    doors = content / "playbooks/connection_plugins"
    doors.mkdir()
    (doors / "shut.py").write_text(SHUT)
    (doors / "first").touch()
    (content / "playbooks/guard.yml").write_text(GUARD)
    role = content / "roles/guard"
    real = role.resolve()
    role.unlink()
    shutil.copytree(real, role)
    (role / "library/guard_confirm.py").write_text(REFUSES)
    with pytest.raises(TaskFailed) as raised:
        play("guard.yml", target=str(tmp_path / "next"), ansible_connection=connection)
    assert raised.value.cause == "the host took it back"
    assert (doors / "first").exists() is (connection == "local")
    assert not (tmp_path / "next").exists()
