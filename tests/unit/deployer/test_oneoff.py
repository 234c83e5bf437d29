"""A one-off command runs as the unit says that processes run."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.deployer import oneoff
from autodeploy.deployer.oneoff_host import HEARD, environment, process_unit, properties

sys.path.insert(0, str(Path(__file__).parents[3] / "roles/service/module_utils"))
import service_units

RELEASE = "0123456789ab"
PARAMS = {
    "application": "shop",
    "release": RELEASE,
    "path": [".venv/bin"],
    "variables": {},
    "port": 20001,
    "restart": "always",
    "jobs": {},
    "memory": "512M",
    "release_command": None,
}
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


def written(folder, *processes, **variables):
    params = {**PARAMS, "processes": dict.fromkeys(processes, "run"), "variables": variables}
    for name, text in service_units.units(params).items():
        (folder / name).write_text(text, newline="")
    return folder


def test_it_has_the_sandbox_and_the_limits_of_a_process(tmp_path):
    said = properties(process_unit(written(tmp_path, "web"), "shop", RELEASE))
    for one in ("User=app-shop", "MemoryMax=512M", "NoNewPrivileges=yes", "ProtectSystem=strict"):
        assert one in said
    assert f"EnvironmentFile=-/srv/shop/environment/{RELEASE}.env" in said
    assert f"WorkingDirectory=/srv/shop/releases/{RELEASE}" in said
    names = {one.partition("=")[0] for one in said}
    assert not names & {"ExecStart", "Restart", "Type", "Environment", "PartOf"}


@given(value=TEXT)
def test_variables_arrive_as_they_are(tmp_path_factory, value):
    folder = written(tmp_path_factory.mktemp("units"), "web", GREETING=value)
    unit = process_unit(folder, "shop", RELEASE)
    assert f"GREETING={value}" in list(environment(unit))


def test_the_web_process_is_the_model_where_there_is_one(tmp_path):
    folder = written(tmp_path, "a", "web")
    (folder / f"shop-web-{RELEASE}.service").write_text("\n[Service]\nUser=web\n")
    assert properties(process_unit(folder, "shop", RELEASE)) == ["User=web"]
    assert process_unit(folder, "shop", "ffffffffffff") is None


@pytest.mark.parametrize(("sudo", "first"), [(True, "sudo"), (False, "python3")])
def test_the_command_is_one_word_for_the_host(sudo, first):
    said = shlex.split(oneoff("shop", "echo 'a b'; id", terminal=True, sudo=sudo))
    assert said[0] == first
    assert said[-3:] == ["shop", "--pty", "echo 'a b'; id"]


def test_what_nobody_hears_any_more_is_ended(tmp_path):
    """A command whose reader has gone; `systemctl stop` is this machine's `kill`."""
    pid = tmp_path / "pid"
    (tmp_path / "systemctl").write_text(f"#!/bin/sh\nkill $(cat {pid})\n")
    (tmp_path / "systemctl").chmod(0o755)
    program = (
        "import sys; from autodeploy.deployer.oneoff_host import heard;"
        "sys.exit(heard(sys.argv[1:], 'unit'))"
    )
    words = ["sh", "-c", f"echo $$ > {pid}; echo begun; exec sleep 600"]
    environ = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    running = subprocess.Popen(
        [sys.executable, "-c", program, *words], stdout=subprocess.PIPE, env=environ
    )
    assert running.stdout.readline() == b"begun\n"
    running.stdout.close()
    assert running.wait(timeout=60) == -signal.SIGTERM % 256


WAITS = f"{sys.executable} -uc 'print(\"began\"); import signal; signal.pause()'"


@pytest.mark.parametrize(
    ("command", "code"), [(WAITS, 130), ("echo began; exit 3", 3), ("echo began; echo $$", 0)]
)
def test_ctrl_c_is_an_end_that_is_told(command, code):
    """As on a terminal: it is for all of the foreground's processes.

    It is sent once the command itself has spoken: a shell that is about to start one lets it run.
    """
    words = ["/bin/sh", "-c", HEARD, "sh", command]
    with subprocess.Popen(words, stdout=subprocess.PIPE, process_group=0) as running:
        assert running.stdout.readline() == b"began\n"
        if code == 130:
            os.killpg(running.pid, signal.SIGINT)
        running.stdout.read()
    assert running.returncode == code
