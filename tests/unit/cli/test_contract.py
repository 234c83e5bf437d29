"""What other programs rely on: exit codes, and one JSON document on stdout."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


def autodeploy(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "autodeploy", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["status"], 0),
        (["status", "--json"], 0),
        (["nonsense"], 2),
        (["deploy", "http://example.org/x"], 2),
        (["deploy", "--upload-pack=touch /tmp/x"], 2),
        (["deploy", ".", "--name", "Not A Name"], 2),
        (["deploy", ".", "--target", "ssh"], 2),
        (["deploy", ".", "--detailed"], 2),
        (["deploy", ".", "--host", "192.0.2.1"], 2),
        (["deploy", ".", "--host", "me@192.0.2.1", "--host", "you@192.0.2.1:22"], 2),
        (["deploy", ".", "--host", "me@192.0.2.1", "--target", "aws"], 2),
        (["deploy", ".", "--host", "me@192.0.2.1", "--instance-type", "t3.small"], 2),
        (["deploy", ".", "--host", "me@192.0.2.1", "--ssh-key", "/nothing"], 2),
        (["plan", ".", "--host", "me@192.0.2.1", "--ssh-key", "/etc/passwd"], 2),
        (["status", "nothing"], 1),
        (["destroy", "nothing", "--yes"], 1),
        (["ssh", "nothing"], 1),
        (["db", "backup", "nothing"], 1),
        (["maintenance", "on", "nothing"], 1),
        (["maintenance", "nothing"], 2),
        (["db", "restore", "nothing", "/nothing"], 2),
    ],
)
def test_exit_codes(home, arguments, code):
    done = autodeploy(*arguments)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["deploy", "plan", "analyze"])
def test_without_a_repository_it_is_here_where_here_looks_like_one(
    home, tmp_path, monkeypatch, command
):
    monkeypatch.chdir(tmp_path)
    done = autodeploy(command)
    assert done.returncode == 2
    assert "here is neither a .git nor an autodeploy.yml" in done.stderr
    (tmp_path / "autodeploy.yml").write_text("hosts: 1\n")
    done = autodeploy(command)
    assert "neither a .git" not in done.stderr
    assert str(tmp_path) in done.stderr + done.stdout


def test_a_command_that_is_mistyped_is_guessed(home):
    done = autodeploy("deplyo", ".")
    assert done.returncode == 2
    assert "deploy" in done.stderr.partition("'deplyo'")[2]


def test_an_unknown_application_is_not_free(home):
    done = autodeploy("unlock", "nothing")
    assert done.returncode == 1
    assert "no application nothing" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["status"], ["status", "nothing"], ["deploy", "http://x/y"], ["destroy", "nothing", "--yes"]],
)
def test_json_is_one_document_whatever_happens(home, arguments):
    json.loads(autodeploy(*arguments, "--json").stdout)


def test_a_failed_deployment_is_a_document_with_its_error(home, tmp_path):
    done = autodeploy("deploy", str(tmp_path), "--json", "--target", "lab", "--name", "shop")
    shown = json.loads(done.stdout)
    assert done.returncode == 2
    assert shown["status"] == "failed"
    assert shown["error"]["agent"] == "recon"
    assert set(shown["error"]) == {"agent", "step", "host", "cause", "remediation"}
    assert json.loads(autodeploy("status", "shop", "--json").stdout)["status"] == "failed"
