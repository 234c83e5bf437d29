"""What a shell is offered, and what `autodeploy` alone says."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from autodeploy.cli import beginning
from autodeploy.cli.main import COMMANDS, COMPLETE, autodeploy
from autodeploy.journal import DirectoryStore
from statekit import created


@pytest.fixture
def known(home):
    """The id of the one deployment, of `shop`."""
    journal = created(DirectoryStore(home))
    broken = home / "deployments" / "20990101t000000000000-dead"
    broken.mkdir()
    (broken / "events.jsonl").write_text("[")
    return journal.state


def offered(*words, begun=""):
    made = ShellComplete(autodeploy, {}, "autodeploy", COMPLETE)
    return [one.value for one in made.get_completions(list(words), begun)]


def test_commands_options_and_names_are_offered(known):
    assert offered() == list(COMMANDS)
    assert offered(begun="ro") == ["rollback"]
    assert "backup" in offered("db")
    assert "--events" in offered("deploy", begun="--ev")
    assert offered("status") == [known.application]
    assert offered("status", begun="x") == []
    assert offered("status", known.application, "-e") == [known.environment] or offered(
        "status", known.application, "-e", begun=""
    ) == [known.environment]
    assert offered("rollback", begun="2") == [known.id]


def test_where_nothing_is_known_nothing_is_offered(home):
    assert offered("status") == []


def test_a_real_bash_completes(known, tmp_path):
    (tmp_path / "autodeploy").write_text(f'#!/bin/sh\nexec {sys.executable} -m autodeploy "$@"\n')
    (tmp_path / "autodeploy").chmod(0o755)
    script = f"""
export PATH={tmp_path}:$PATH
eval "$(autodeploy completion bash)"
COMP_WORDS=(autodeploy status ''); COMP_CWORD=2
_autodeploy_completion autodeploy
echo "${{COMPREPLY[@]}}"
"""
    command = [shutil.which("bash"), "--norc", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout.split(), done.stderr) == ([known.application], "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell):
    done = CliRunner().invoke(autodeploy, ["completion", shell])
    assert (done.exit_code, COMPLETE in done.stdout) == (0, True)


@pytest.mark.parametrize(
    ("words", "meant"), [(["rolback"], "rollback"), (["db", "bakup"], "backup")]
)
def test_a_name_that_is_none_is_guessed(words, meant):
    done = CliRunner().invoke(autodeploy, words)
    assert done.exit_code == 2
    assert f"Did you mean `{meant}`?" in done.stderr


def test_alone_it_says_what_comes_next():
    text = "\n".join(beginning.lines([], is_repository=False))
    assert "deploy https://" in text
    assert "deploy . " in "\n".join(beginning.lines([], is_repository=True))
    some = beginning.lines([("shop", "staging")], is_repository=False)
    assert some[1].startswith("  autodeploy status shop -e staging ")
    assert "deploy" not in "".join(some[2:]).replace("autodeploy", "")
    many = beginning.lines([(str(one), "production") for one in range(9)], is_repository=False)
    assert "all 9 applications" in "".join(many)


@pytest.mark.parametrize(("file", "what"), [("app.py", "."), ("notes.txt", "https://")])
def test_a_folder_of_source_can_be_deployed_without_git(known, tmp_path, monkeypatch, file, what):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / file).touch()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(beginning, "heads", list)
    assert f"autodeploy analyze {what}" in "\n".join(beginning.here())


def test_alone_it_ends_well(known, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(autodeploy, [])
    assert done.exit_code == 0
    assert f"autodeploy status {known.application}" in done.stdout
