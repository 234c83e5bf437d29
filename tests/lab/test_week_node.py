"""A week with a Node application on three hosts: what its people do to it, day by day.

What the other week has only on one host is tried here behind a load balancer.
"""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request

import pytest
import yaml

import zygote
from labkit import until
from load import load
from roadkit import AGENTS, ROOT, autodeploy, deploy, get, live, on_host

pytestmark = pytest.mark.lab
APP = "polls"
AWKWARD = 'it\'s "50%" of $HOME `id` \\n # ; = ☃ <b>\tend'
"""Every character that a shell, systemd, dotenv, YAML or HTML has its own view of."""
HOSTS = ["host-1", "host-2", "host-3"]


@pytest.fixture(scope="module")
def folder(lab, tmp_path_factory):
    """A copy of the example, which has a database, a worker and a job; its title is awkward."""
    copied = tmp_path_factory.mktemp("apps") / APP
    shutil.copytree(ROOT / "examples/koa-polls", copied)
    file = copied / "autodeploy.yml"
    settings = {**yaml.safe_load(file.read_text()), "env": {"TITLE": AWKWARD}}
    file.write_text(yaml.safe_dump(settings))
    yield copied
    for one in autodeploy("environments", "ls"):  # A guest of the network comes before its owner.
        if one["application"] == APP:
            autodeploy("destroy", APP, "-e", one["environment"], "--yes")


def address():
    return autodeploy("status", APP)["live"]["url"]


def seen(url=None):
    return json.loads(get(f"{url or address()}api/polls")[1])


def votes():
    return sum(seen()["polls"][0]["votes"])


def vote(choice):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{address()}polls/1/votes", f"choice={choice}".encode(), 10) as answer:
        assert answer.status == 200


def met():
    """What a visitor gets."""
    try:
        return get(address())[0]
    except urllib.error.HTTPError as error:
        return error.code


def run(*words, host="host-1"):
    done = zygote.run(["run", APP, "--host", host, "--", *words])
    assert done.returncode == 0, done.stderr
    return done.stdout


def workers(release=""):
    running = f"systemctl list-units --state=active --plain --no-legend '{APP}-worker*{release}*'"
    return len(on_host(APP, running).stdout.splitlines())


def test_monday_three_hosts_serve_it(folder):
    first = deploy(folder, "--hosts", 3)
    assert (first["status"], first["changed"], first["error"]) == ("completed", True, None)
    assert [stage["agent"] for stage in first["stages"]] == AGENTS
    assert [host["name"] for host in first["hosts"]] == HOSTS
    assert seen()["title"] == AWKWARD
    planned = autodeploy("plan", folder)
    assert {one["action"] for one in planned["resources"]} == {"none"}
    assert deploy(folder)["changed"] is False

    for choice in (0, 1, 1):
        vote(choice)
    until(lambda: seen()["polls"][0]["votes"] == [1, 2, 0])
    lines = autodeploy("logs", APP, "--since", "1h")
    assert {one["host"] for one in lines if "listening" in one["text"]} == {*HOSTS}
    assert "counting" in {one["text"] for one in lines if one["process"] == "worker"}
    times = [one["time"] for one in lines]
    assert times == sorted(times)


def test_tuesday_it_is_told_otherwise_and_back(folder):
    before = autodeploy("status", APP)["live"]
    with load(before["url"], connections=6) as requests:
        changed = autodeploy("secrets", "set", APP, "TITLE", said=AWKWARD * 2)["deployment"]
        assert seen()["title"] == AWKWARD * 2
        assert run("printenv TITLE", host="host-3") == AWKWARD * 2 + "\n"
        undone = autodeploy("rollback", APP, "--yes", "--yes-data")
    assert requests.lost == []
    assert changed["release"] != before["release"]
    assert undone["secrets_back"] == ["TITLE"]
    assert live(before) == before["release"]
    assert seen()["title"] == AWKWARD
    assert run("printenv TITLE", host="host-2") == AWKWARD + "\n"


def test_wednesday_more_is_to_be_done(folder):
    with load(address(), connections=6) as requests:
        scaled = autodeploy("scale", APP, "worker=3")
        until(lambda: workers() == workers(scaled["release"]) == 3, 90)
        assert autodeploy("scale", APP) == {"web": 1, "worker": 3}
        assert autodeploy("status", APP)["processes"] == {"web": 1, "worker": 3}
        vote(2)
        until(lambda: votes() == 4)
        autodeploy("scale", APP, "worker=1")
        until(lambda: workers() == 1, 90)
    assert requests.lost == []
    newest, second, *_ = autodeploy("releases", APP)
    assert second["release"] == scaled["release"]
    assert newest["changes"] == ["settings: scale"]


def test_thursday_nobody_votes_for_a_while(folder):
    assert run("node report.js") == "report 1: 4 votes\n"
    (job,) = autodeploy("cron", APP)
    assert (job["job"], job["schedule"]) == ("report", "0 6 * * *")
    assert autodeploy("maintenance", "on", APP)["maintenance"] is True
    until(lambda: met() == 503)
    assert autodeploy("maintenance", "off", APP)["maintenance"] is False
    until(lambda: met() == 200)
    with load(address(), connections=6) as requests:
        restarted = autodeploy("restart", APP)
    assert requests.lost == []
    assert live(restarted) == restarted["release"]


def test_friday_somebody_drops_a_table(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kept = autodeploy("db", "backup", APP)["file"]
    line = ["db", "shell", APP, "--", "-c", "DROP TABLE polls CASCADE"]
    assert zygote.run(line).returncode == 0
    autodeploy("db", "restore", APP, kept, "--yes", "--yes-data")
    assert votes() == 4
    vote(0)
    until(lambda: votes() == 5)


def test_saturday_a_host_gives_its_place_to_another(folder):
    shown = lambda: {one["name"]: one for one in autodeploy("hosts", "ls", APP)}  # noqa: E731
    before = shown()
    with load(address(), connections=6) as requests:
        autodeploy("hosts", "replace", APP, "host-2", "--yes")
    assert requests.lost == []
    after = shown()
    assert set(after) == {"host-1", "host-3", "host-4"}
    assert after["host-3"]["instance_id"] == before["host-3"]["instance_id"]
    assert after["host-4"]["zone"] == before["host-2"]["zone"]
    assert {one["health"] for one in after.values()} == {"healthy"}
    assert run("printenv TITLE", host="host-4") == AWKWARD + "\n"


def test_saturday_a_preview_serves_beside_it_and_keeps_its_network(folder):
    preview = deploy(folder, "-e", "pr-1", "--network-of", "production", "--ttl", "3d")
    types = {one["type"] for one in preview["resources"]}
    assert "AWS::EC2::Instance" in types
    assert not types & {"AWS::EC2::VPC", "AWS::EC2::Subnet"}
    assert sum(seen(preview["url"])["polls"][0]["votes"]) == 0
    shown = {one["environment"]: one for one in autodeploy("environments", "ls")}
    assert shown["pr-1"]["ttl"] == "3d"
    assert shown["production"]["until"] is None
    assert deploy(folder, "-e", "pr-1")["changed"] is False
    refused = autodeploy("destroy", APP, "--yes", code=1)
    assert "pr-1" in refused["error"]["cause"]
    assert autodeploy("environments", "reap", "--yes") == []
    assert votes() == 5


def test_sunday_all_of_it_goes(folder):
    for where in ("pr-1", "production"):
        gone = autodeploy("destroy", APP, "-e", where, "--yes")
        assert (gone["status"], gone["resources"]) == ("completed", [])
    assert autodeploy("orphans", "--target", "lab")["orphans"] == []
