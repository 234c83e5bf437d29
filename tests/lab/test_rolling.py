"""Several hosts behind a balancer: one batch after another, and all back where one fails."""

from __future__ import annotations

import shutil

import pytest

import zygote
from load import load
from roadkit import ROOT, autodeploy, deploy, get, live

pytestmark = pytest.mark.lab
NAME = "rolling"
# A process that ends at once where the file is.
WORKER = "test ! -e /srv/rolling/shared/broken && exec sleep infinity"

# What systemd would take for its own stands in it: a variable at the beginning, one in braces, $$.
COMMAND = """$NOTHING id -un; printf %s "$GREETING"; for n in 1 2; do printf %s "${n}"; done
x=$$; test -n "$x" && printf '$'; exit 7"""


@pytest.fixture(scope="module")
def app(lab, tmp_path_factory):
    folder = tmp_path_factory.mktemp("apps") / NAME
    shutil.copytree(ROOT / "examples/go-hello", folder)
    first = deploy(folder, "--hosts", "3")
    yield folder, first
    autodeploy("destroy", NAME, "--yes")


def settings(folder, **said):
    """Other settings, and so another release."""
    lines = [f"{key}: {value}" for key, value in said.items()]
    (folder / "autodeploy.yml").write_text("\n".join(lines) + "\n")


def releases(state):
    """What each host serves, asked of itself."""
    return [on(host, "readlink /srv/rolling/current").rpartition("/")[2] for host in state["hosts"]]


def on(host, command):
    done = zygote.run(["ssh", NAME, "--host", host["name"], "--", command])
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_rolling_release_and_the_way_back_lose_no_request(app):
    folder, first = app
    settings(folder, env="{GREETING: again}")
    with load(first["url"], connections=8) as seen:
        second = deploy(folder)
        assert releases(second) == [second["release"]] * 3
        autodeploy("rollback", NAME, "--yes")
        assert releases(second) == [first["release"]] * 3
    assert seen.lost == []


def test_where_a_batch_fails_every_host_serves_what_it_did(app):
    folder, first = app
    state = deploy(folder)
    on(state["hosts"][1], "sudo touch /srv/rolling/shared/broken")
    settings(folder, processes=f"{{worker: '{WORKER}'}}", health_timeout=5)
    try:
        with load(first["url"], connections=8) as seen:
            failed = deploy(folder, code=1)
    finally:
        on(state["hosts"][1], "sudo rm /srv/rolling/shared/broken")
    assert seen.lost == []
    assert failed["error"]["host"].endswith("host-2")
    assert f"Gone back: host-1 to {state['release']}" in failed["error"]["cause"]
    assert releases(state) == [state["release"]] * 3
    mended = deploy(folder)
    assert releases(mended) == [mended["release"]] * 3


def test_hosts_that_must_stop_leave_the_balancer_first(app):
    folder, first = app
    settings(folder, port=8123)
    with load(first["url"], connections=8) as seen:
        deploy(folder)
        settings(folder, port=8123, env="{GREETING: again}")
        second = deploy(folder)
    assert seen.lost == []
    assert live(first) == second["release"]
    assert get(first["url"])[0] == 200


def test_logs_of_all_hosts_are_one_and_commands_run_as_processes_do(app):
    folder, _first = app
    settings(folder, env="{GREETING: 'it''s $5 \"%h\"'}")
    state = deploy(folder)
    for host in state["hosts"]:
        done = zygote.run(["run", NAME, "--host", host["name"], "--", COMMAND])
        assert done.stdout == 'app-rolling\nit\'s $5 "%h"12$', done.stderr
        assert done.returncode == 7
    lines = autodeploy("logs", NAME, "--since", "1h", "--process", "web")
    assert {one["host"] for one in lines} == {host["name"] for host in state["hosts"]}
    assert [one["time"] for one in lines] == sorted(one["time"] for one in lines)
    assert autodeploy("logs", NAME, "-n", 2, "--since", "1h", "--process", "web") == lines[-2:]
    assert {one["process"] for one in lines} == {"web"}
    assert autodeploy("releases", NAME)[0]["release"] == state["release"]
