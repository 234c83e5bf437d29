"""Errors of others that a door let through arrive as ours, and say what happened."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
import tarfile

import ansible.errors
import ansible_runner.exceptions
import botocore.exceptions
import git.exc
import pydantic
import pytest
import yaml

from autodeploy import conductor, provisioner, recon
from autodeploy.cli import applications, main
from autodeploy.conductor import Command, Environment, destroy
from autodeploy.contracts import Host
from autodeploy.errors import (
    CloudError,
    DataUnreadable,
    HostError,
    InternalError,
    Interrupted,
    MachineRefused,
    NetworkUnreachable,
    ReconError,
)
from autodeploy.journal import DirectoryStore
from autodeploy.settings import Settings
from autodeploy.strangers import as_ours, locate


def invalid():
    with pytest.raises(pydantic.ValidationError) as caught:
        Host.model_validate({"name": 3})
    return caught.value


KINDS = {
    "botocore": (
        lambda: botocore.exceptions.ClientError({"Error": {"Code": "Gone"}}, "RunInstances"),
        CloudError,
        "Gone",
    ),
    "no endpoint": (
        lambda: botocore.exceptions.EndpointConnectionError(endpoint_url="http://x"),
        CloudError,
        "http://x",
    ),
    "git": (lambda: git.exc.InvalidGitRepositoryError("/r"), ReconError, "/r"),
    "git's command": (
        lambda: git.exc.GitCommandError(["git", "fetch"], 128, b"fatal: no"),
        ReconError,
        "fatal: no",
    ),
    "ansible": (lambda: ansible.errors.AnsibleError("no such role"), HostError, "no such role"),
    "ansible-runner": (
        lambda: ansible_runner.exceptions.ConfigurationError("no folder"),
        HostError,
        "no folder",
    ),
    "disk full": (
        lambda: OSError(errno.ENOSPC, "No space left on device", "/home/x"),
        MachineRefused,
        "No space left on device: '/home/x'",
    ),
    "not allowed": (
        lambda: PermissionError(errno.EACCES, "Permission denied", "/x"),
        MachineRefused,
        "/x",
    ),
    "connection": (
        lambda: ConnectionResetError("reset by peer"),
        NetworkUnreachable,
        "reset by peer",
    ),
    "memory": (lambda: MemoryError("all gone"), MachineRefused, "all gone"),
    "program": (
        lambda: subprocess.CalledProcessError(3, ["tar", "x"], stderr=b"broken"),
        MachineRefused,
        "`tar` ended with exit code 3\nbroken",
    ),
    "slow program": (lambda: subprocess.TimeoutExpired("tar x", 3), MachineRefused, "`tar` ran"),
    "json": (lambda: json.JSONDecodeError("Expecting value", "", 0), DataUnreadable, "Expecting"),
    "yaml": (lambda: yaml.YAMLError("a tab"), DataUnreadable, "a tab"),
    "pydantic": (invalid, DataUnreadable, "Host"),
    "unicode": (
        lambda: UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
        DataUnreadable,
        "invalid start byte",
    ),
    "tar": (lambda: tarfile.ReadError("not a gzip file"), DataUnreadable, "not a gzip file"),
    "a bug": (lambda: KeyError("host-9"), InternalError, "KeyError: 'host-9'"),
}
each_kind = pytest.mark.parametrize(("make", "ours", "said"), KINDS.values(), ids=KINDS)


@each_kind
def test_it_is_ours_and_says_what_it_said(make, ours, said):
    error = make()
    got = as_ours(error)
    assert type(got) is ours
    assert said in got.cause
    assert got.remediation == ours.default_remediation


def test_ours_stays_itself_and_ctrl_c_is_no_failure():
    error = HostError("h")
    assert as_ours(error) is error
    assert isinstance(as_ours(KeyboardInterrupt()), Interrupted)


def test_a_programs_words_are_not_shown():
    error = subprocess.CalledProcessError(1, ["login", "--password", "hunter2"])
    assert "hunter2" not in as_ours(error).cause


def test_where_it_happened_is_noted_once_nearest_to_its_origin():
    error = OSError("x")
    locate(error, "inner", None)
    locate(error, "outer", "host-1")
    assert (as_ours(error).step, as_ours(error).host) == ("inner", "host-1")


def fails(make):
    def failing(*_arguments, **_more):
        raise make()

    return failing


DOORS = {
    "the store": (applications, "store", ["status"]),
    "a log": (DirectoryStore, "application", ["status", "shop"]),
    "git": (recon, "clone", ["plan", "."]),
    "detection": (recon, "detect", ["plan", "."]),
    "AWS": (provisioner, "plan", ["plan", "."]),
    "the whole story": (conductor, "plan", ["plan", "."]),
}


@each_kind
@pytest.mark.parametrize(("owner", "name", "words"), DOORS.values(), ids=DOORS)
def test_at_every_door_it_reaches_the_user_as_ours(
    home, tmp_path, monkeypatch, capsys, owner, name, words, make, ours, said
):
    (tmp_path / "app").mkdir()
    (tmp_path / "app/requirements.txt").write_text("flask\n")
    (tmp_path / "app/app.py").write_text("import flask\napp = flask.Flask('x')\n")
    monkeypatch.setattr(owner, name, fails(make))
    monkeypatch.chdir(tmp_path / "app")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setattr(sys, "argv", ["autodeploy", *words])
    with pytest.raises(SystemExit) as ended:
        main.main()
    told = capsys.readouterr()
    assert ended.value.code == ours.exit_code
    assert said.splitlines()[-1] in told.err
    assert ours.default_remediation[:30] in told.err
    assert "Traceback" not in told.err + told.out


def test_debug_shows_the_traceback(home, monkeypatch, capsys):
    monkeypatch.setattr(applications, "store", fails(KINDS["json"][0]))
    monkeypatch.setattr(sys, "argv", ["autodeploy", "--debug", "status", "--json"])
    with pytest.raises(SystemExit):
        main.main()
    told = capsys.readouterr()
    assert "Traceback" in told.err
    assert json.loads(told.out)["error"]["remediation"] == DataUnreadable.default_remediation


@each_kind
def test_inside_a_run_it_is_the_states_error(store, monkeypatch, make, ours, said):
    monkeypatch.setattr(provisioner, "destroy", fails(make))
    settings = Settings(target="lab", region="eu-central-1")
    command = Command(repository=None, name="shop", flags={}, settings=settings)
    state = destroy(command, Environment(store, store.root, lambda: Region()))
    assert state.status == "failed"
    assert (state.error.agent, state.error.exit_code) == ("provisioner", ours.exit_code)
    assert said in state.error.cause
    assert state.error.remediation == ours.default_remediation


class Region:
    region = "eu-central-1"
