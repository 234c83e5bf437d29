"""Operating an application: secrets that reach its processes, change under load and come back."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from autodeploy.lab import client
from canarykit import files_with
from labkit import api
from load import load
from roadkit import ROOT, autodeploy, deploy, get, live, on_host

pytestmark = pytest.mark.lab
NAME = "well-kept"
AWKWARD = "canary-Kq2vX9 '\"$HOME%i`id`\\\n\t#;=☃"
SECRET = f"autodeploy/{NAME}/production/variables"


@pytest.fixture(scope="module")
def app(lab, tmp_path_factory):
    folder = tmp_path_factory.mktemp("apps") / NAME
    shutil.copytree(ROOT / "examples/go-hello", folder)
    (folder / "autodeploy.yml").write_text(
        "env: {MESSAGE: open}\nsecrets: {TOKEN: {}, MADE: {generate: 40}}\n"
    )
    yield folder
    autodeploy("destroy", NAME, "--yes")


def environ(release):
    """What the process that serves has in its environment, as the kernel says."""
    pid = f"$(systemctl show --value -p MainPID {NAME}-web-{release}.service)"
    said = on_host(NAME, f"sudo cat /proc/{pid}/environ").stdout
    return dict(one.split("=", 1) for one in said.split("\0") if one)


def change(name, value):
    """A secret that is changed; gives the deployment that brings it."""
    return autodeploy("secrets", "set", NAME, name, "--target", "lab", said=value)["deployment"]


def greeting(state):
    return json.loads(get(f"{state['url']}api/hello")[1])["message"]


def test_secrets_reach_the_processes_change_without_a_lost_request_and_come_back(app):
    refused = deploy(app, code=1)
    assert "TOKEN" in refused["error"]["cause"]
    assert refused["resources"] == []

    assert change("TOKEN", AWKWARD + "\n") is None
    first = deploy(app)
    seen = environ(first["release"])
    assert (seen["TOKEN"], len(seen["MADE"])) == (AWKWARD, 40)
    assert "open" in greeting(first)

    with load(first["url"], connections=6) as requests:
        second = change("MESSAGE", "secret")
        assert second["release"] != first["release"]
        assert live(first) == second["release"]
    assert requests.lost == []
    assert "secret" in greeting(first)
    assert environ(second["release"])["MADE"] == seen["MADE"]

    again = deploy(app)
    assert (again["changed"], again["release"]) == (False, second["release"])

    with load(first["url"], connections=6) as requests:
        restarted = autodeploy("restart", NAME)
    assert requests.lost == []
    assert restarted["release"] not in {first["release"], second["release"]}
    assert live(first) == restarted["release"]
    assert environ(restarted["release"])["TOKEN"] == AWKWARD

    undone = autodeploy("rollback", NAME, "--yes")
    assert live(first) == second["release"]
    undone = autodeploy("rollback", second["deployment_id"], "--yes")
    assert undone["status"] == "rolled_back"
    assert "open" in greeting(first)
    assert [one["name"] for one in autodeploy("secrets", "ls", NAME)] == ["MADE", "TOKEN"]
    third = change("OTHER", "1")
    assert environ(third["release"])["TOKEN"] == AWKWARD
    assert "open" in greeting(first)


def test_values_are_in_no_file_here_and_in_no_log_there(app):
    home = Path(os.environ["AUTODEPLOY_HOME"])
    parts = [home / part for part in ("applications", "deployments", "cache")]
    assert files_with("Kq2vX9", *parts) == []
    found = on_host(NAME, "sudo journalctl -a -o cat --no-pager | grep -c Kq2v''X9")
    assert found.stdout.strip() == "0"
    shown = on_host(
        NAME, f"sudo sh -c 'stat -c %a:%U /srv/{NAME}/environment/*.env'"
    ).stdout.split()
    assert set(shown) == {"600:root"}


def test_they_go_with_the_application(app):
    manager = api(client.up(), "secretsmanager")
    names = lambda: [one["Name"] for one in manager.list_secrets()["SecretList"]]  # noqa: E731
    assert SECRET in names()
    autodeploy("destroy", NAME, "--yes")
    assert SECRET not in names()
