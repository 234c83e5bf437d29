"""The way back: a release that has ended serves again, and nothing is done twice."""

from __future__ import annotations

import shutil

import pytest

from labkit import until
from roadkit import ROOT, autodeploy, deploy, live, on_host

pytestmark = pytest.mark.lab
NAME = "way-back"
SHARED = f"/srv/{NAME}/shared"
HOOKS = ("before_deploy", "after_deploy", "before_rollback", "after_rollback")


@pytest.fixture(scope="module")
def app(lab, tmp_path_factory):
    folder = tmp_path_factory.mktemp("apps") / NAME
    shutil.copytree(ROOT / "examples/go-hello", folder)
    yield folder
    autodeploy("destroy", NAME, "--yes")


def settings(folder, greeting, after_deploy=None):
    told = "$AUTODEPLOY_RELEASE $AUTODEPLOY_PREVIOUS_RELEASE"
    hooks = {one: f"echo {one} {told} >> {SHARED}/hooks" for one in HOOKS}
    if after_deploy:
        hooks["after_deploy"] = after_deploy
    lines = [f"release_command: echo migrated >> {SHARED}/migrations", "hooks:"]
    lines += [f"  {name}: {command}" for name, command in hooks.items()]
    lines += ["env:", f"  GREETING: {greeting}", '  ONE: "1"']
    (folder / "autodeploy.yml").write_text("\n".join(lines) + "\n")


def said(file):
    return on_host(NAME, f"sudo cat {SHARED}/{file}").stdout.splitlines()


def test_a_release_that_has_ended_serves_again_and_data_stays_where_it_is(app):
    settings(app, "first")
    first = deploy(app)
    settings(app, "second")
    second = deploy(app)
    one, two = first["release"], second["release"]
    stopped = f"sudo systemctl stop {NAME}-drain.{one}.service {NAME}-{one}.target"
    assert on_host(NAME, stopped).returncode == 0
    unit = f"{NAME}-web-{one}.service"
    until(lambda: on_host(NAME, f"systemctl is-active {unit}").stdout.strip() == "inactive")

    refused = autodeploy("rollback", NAME, "--yes", code=1)
    assert "data was migrated" in refused["error"]["cause"]
    assert live(first) == two
    undone = autodeploy("rollback", NAME, "--yes", "--yes-data")
    assert (undone["status"], undone["error"]) == ("rolled_back", None)
    assert live(first) == one
    assert said("migrations") == ["migrated"] * 2
    assert said("hooks") == [
        f"before_deploy {one}",
        f"after_deploy {one}",
        f"before_deploy {two} {one}",
        f"after_deploy {two} {one}",
        f"before_rollback {one} {two}",
        f"after_rollback {one} {two}",
    ]
    units = on_host(NAME, "ls /etc/systemd/system").stdout
    assert "-hook." not in units


def test_a_hook_that_fails_before_keeps_the_old_and_after_it_is_said(app):
    settings(app, "third", after_deploy="sh -c 'echo too late; exit 3'")
    third = deploy(app)
    assert third["status"] == "completed"
    settings(app, "fourth")
    text = (app / "autodeploy.yml").read_text()
    (app / "autodeploy.yml").write_text(
        text.replace("before_deploy: echo", "before_deploy: 'exit 5' #")
    )
    failed = deploy(app, code=1)
    assert "hook before_deploy" in failed["error"]["cause"]
    assert live(third) == third["release"]
    undone = autodeploy("rollback", failed["deployment_id"], "--yes", "--yes-data")
    assert (undone["status"], undone["error"]) == ("rolled_back", None)
    assert live(third) == third["release"]
