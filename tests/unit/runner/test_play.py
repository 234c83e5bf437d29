"""Runs of real playbooks on this machine: what reaches the roles, and what reaches nobody."""

from __future__ import annotations

import json
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
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.fixture
def content(tmp_path, monkeypatch):
    """Our own configuration and plugins, with playbooks of the tests' own."""
    folder = tmp_path / "content"
    folder.mkdir()
    for name in ("ansible.cfg", "inventories", "roles"):
        (folder / name).symlink_to(paths.ansible_content() / name)
    (folder / "playbooks").mkdir()
    for name in ("action_plugins", "library"):
        (folder / "playbooks" / name).symlink_to(paths.ansible_content() / "playbooks" / name)
    (folder / "playbooks/write.yml").write_text(PLAYBOOK)
    (folder / "playbooks/tell.yml").write_text(TELL)
    (folder / "playbooks/environment.yml").write_text(ENVIRONMENT)
    monkeypatch.setattr(paths, "ansible_content", lambda: folder)


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
def test_forks_reach_ansible(play, tmp_path):
    play("environment.yml", forks=3, target=str(tmp_path / "seen"))
    assert (tmp_path / "seen").read_text() == " False 3"


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
