"""The way back: a release that has ended serves again, and nothing is done twice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from autodeploy import paths
from autodeploy.cli.assistant import approvals
from autodeploy.journal import DirectoryStore
from labkit import until
from mcpkit import serving, talk
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


def plays():
    """The playbooks that run from our home."""
    home = os.fsencode(paths.home())
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            said = one.read_bytes()
            found += [one] if b"runner/playbook.py" in said and home in said else []
    return found


def commit(folder, greeting):
    (folder / "autodeploy.yml").write_text(f"env: {{GREETING: {greeting}}}\n")
    git = ("git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@b.c")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", greeting]):
        subprocess.run([*git, *words], check=True)


def test_an_agent_goes_there_and_back_also_from_where_its_client_was_killed(app):
    store, told = DirectoryStore(paths.home()), []

    async def hear(_progress, _total, message):
        told.append(message)

    async def call(client, name, **arguments):
        found = await client.call_tool(name, arguments, progress_callback=hear)
        assert not found.is_error, found.content
        return found.structured_content

    async def plan(client):
        planned = await call(client, "plan", repository=str(app), target="lab")
        approvals.approve(planned["plan_id"])
        return planned["plan_id"]

    async def there(client):
        commit(app, "first")
        deployed = await call(client, "deploy", plan_id=await plan(client))
        assert (deployed["status"], deployed["error"]) == ("completed", None)
        assert (await call(client, "logs", application=NAME))["lines"]
        commit(app, "second")
        return deployed, await plan(client)

    async def back(client):
        undone = await call(client, "plan_rollback", application=NAME)
        approvals.approve(undone["plan_id"])
        undone = await call(client, "rollback", plan_id=undone["plan_id"])
        assert undone["status"] == "rolled_back"
        (shown,) = (await call(client, "status", application=NAME))["applications"]
        return shown["release"]

    deployed, second = talk(there)
    assert live(deployed) == deployed["release"]
    assert any("deployer" in message for message in told)
    killed = serving("deploy", plan_id=second)
    until(plays)
    os.killpg(killed.pid, signal.SIGKILL)
    with killed:
        until(lambda: store.holder(NAME, "production") is None)
    assert plays() == []
    assert store.application(NAME, "production").last.status == "cancelled"
    assert talk(back) == live(deployed) == deployed["release"]
