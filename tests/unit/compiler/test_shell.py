from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from autodeploy import compiler
from autodeploy.compiler.environ import build_environment
from autodeploy.compiler.output import KEPT_LINES, LOGGED_LINES
from autodeploy.compiler.shell import Shell
from autodeploy.errors import BuildFailed, Interrupted, ToolMissing

PATH = {"PATH": "/usr/bin:/bin"}


@pytest.fixture
def shell(log):
    return Shell(PATH, 60, log)


def messages(journal):
    return journal.path.read_text()


def ends(pid, seconds=10):
    """Whether a process is gone, or a zombie that waits for its parent, within a bound."""
    for _ in range(seconds * 100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state in "ZX":
            return True
        threading.Event().wait(0.01)
    return False


def test_too_long_is_told_as_such_and_ends_all_that_it_started(log, tmp_path):
    command = "setsid sleep 300 & echo $! > child; echo begun; sleep 300"
    with pytest.raises(BuildFailed) as caught:
        Shell(PATH, 0.5, log).run(command, tmp_path)
    assert caught.value.returncode is None
    assert caught.value.output == "begun"
    assert ends(int((tmp_path / "child").read_text()))


def test_what_a_command_leaves_running_is_ended(shell, tmp_path):
    shell.run("sleep 300 & echo $! > child", tmp_path)
    assert ends(int((tmp_path / "child").read_text()))


def test_a_stopped_build_ends_and_begins_nothing_more(shell, tmp_path):
    ended = []
    fifo = tmp_path / "begun"
    os.mkfifo(fifo)

    def run():
        with pytest.raises(Interrupted) as caught:
            shell.run("echo > begun; sleep 300", tmp_path)
        ended.append(caught.value)

    thread = threading.Thread(target=run)
    thread.start()
    fifo.read_text()
    compiler.stop()
    thread.join(30)
    assert len(ended) == 1
    with pytest.raises(Interrupted):
        shell.run("touch more; sleep 300", tmp_path)


def test_the_output_is_shown_and_bounded(shell, journal, tmp_path):
    count = LOGGED_LINES + 50
    with pytest.raises(BuildFailed) as caught:
        shell.run(f"seq -f 'line %g' {count}; exit 3", tmp_path)
    lines = caught.value.output.split("\n")
    assert (lines[-1], len(lines)) == (f"line {count}", KEPT_LINES)
    log = messages(journal)
    assert "line 7" in log
    assert f"line {LOGGED_LINES + 1}" not in log
    assert "not logged" in log


def test_credentials_in_addresses_and_control_characters_are_not_shown(shell, journal, tmp_path):
    with pytest.raises(BuildFailed) as caught:
        shell.run(
            "printf 'from https://me:s3cret@host/x \\033[31mred\\033[0m\\n'; exit 1", tmp_path
        )
    assert caught.value.output == "from https://***@host/x red"
    assert "@host/x red" in messages(journal)


def test_no_such_program(shell, tmp_path):
    with pytest.raises(ToolMissing):
        shell.run(["no-such-program"], tmp_path)


def test_a_signal_is_a_failure(shell, tmp_path):
    with pytest.raises(BuildFailed) as caught:
        shell.run("kill -9 $$", tmp_path)
    assert caught.value.returncode == 128 + signal.SIGKILL


def test_nothing_of_the_controllers_environment_but_what_is_allowed(tmp_path, log):
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": "/root",
        "AWS_SECRET_ACCESS_KEY": "s3cret",
        "SSH_AUTH_SOCK": "/agent",
        "GITHUB_TOKEN": "s3cret",
        "https_proxy": "http://proxy:3128",
        "SSL_CERT_FILE": "/ca.pem",
        "GOPROXY": "https://go.example",
    }
    variables = build_environment(tmp_path, tmp_path / "downloads", environ)
    Shell(variables, 60, log).run("env > seen", tmp_path)
    seen = dict(line.split("=", 1) for line in (tmp_path / "seen").read_text().splitlines())
    assert not {"AWS_SECRET_ACCESS_KEY", "SSH_AUTH_SOCK", "GITHUB_TOKEN"} & seen.keys()
    assert seen["HOME"] == str(tmp_path)
    assert seen["https_proxy"] == "http://proxy:3128"
    assert seen["SSL_CERT_FILE"] == "/ca.pem"
    assert seen["GOPROXY"] == "https://go.example"


def test_the_cause_may_stand_before_the_lines_that_are_kept(shell, tmp_path):
    with pytest.raises(BuildFailed) as caught:
        shell.run(f"echo 'npm error code E404'; seq {KEPT_LINES * 2}; exit 1", tmp_path)
    assert "no such package" in caught.value.likely
    assert "E404" not in caught.value.output
