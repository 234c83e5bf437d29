"""A week with an application that has all there is: what its people do to it, day by day."""

from __future__ import annotations

import json
import shutil
import urllib.request

import pytest

import zygote
from labkit import until
from load import load
from roadkit import AGENTS, ROOT, autodeploy, deploy, get, live, on_host

pytestmark = pytest.mark.lab
APP = "parcels"
AWKWARD = 'it\'s "50%" of $HOME `id` \\n # ; = ☃\tend'
"""Every character that a shell, systemd, dotenv or YAML has its own view of."""


@pytest.fixture(scope="module")
def folder(lab, tmp_path_factory):
    """A copy of the example, which has a database, a Redis, a worker and a job."""
    copied = tmp_path_factory.mktemp("apps") / APP
    shutil.copytree(ROOT / "examples/django-parcels", copied)
    yield copied
    autodeploy("destroy", APP, "--yes")


def seen():
    return json.loads(get(autodeploy("status", APP)["live"]["url"])[1])


def send(contents):
    url = autodeploy("status", APP)["live"]["url"]
    request = urllib.request.Request(f"{url}parcels", contents.encode())
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        assert answer.status == 201


def said(process):
    lines = autodeploy("logs", APP, "--since", "1h", "--process", process)
    return [one["text"] for one in lines]


def run(*words):
    done = zygote.run(["run", APP, "--", *words])
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_monday_it_is_deployed_with_its_secrets(folder, tmp_path):
    file = tmp_path / "secrets.env"
    file.write_text("GREETING=hello\nTOKEN='one\ntwo'\n")
    autodeploy("secrets", "import", APP, file, "--target", "lab")
    file.unlink()
    first = deploy(folder)
    assert (first["status"], first["changed"], first["error"]) == ("completed", True, None)
    assert [stage["agent"] for stage in first["stages"]] == AGENTS
    assert seen()["greeting"] == "hello"

    send("tea")
    until(lambda: seen()["packed"] == 1)
    until(lambda: "packed 1" in said("worker"))
    assert [one["name"] for one in autodeploy("secrets", "ls", APP)] == [
        *("GREETING", "SECRET_KEY", "TOKEN")
    ]
    planned = autodeploy("plan", folder)
    assert {one["action"] for one in planned["resources"]} == {"none"}
    assert deploy(folder)["changed"] is False


def test_tuesday_it_is_told_otherwise_and_back(folder):
    before = autodeploy("status", APP)["live"]
    with load(before["url"], connections=6) as requests:
        changed = autodeploy("secrets", "set", APP, "GREETING", said=AWKWARD)["deployment"]
        assert changed["release"] != before["release"]
        assert seen()["greeting"] == AWKWARD
        assert run("printenv GREETING") == AWKWARD + "\n"
        autodeploy("rollback", APP, "--yes", "--yes-data")
    assert requests.lost == []
    assert seen()["greeting"] == "hello"


def test_wednesday_more_is_to_be_done(folder):
    running = f"systemctl list-units --state=active --plain --no-legend '{APP}-worker*'"
    url = autodeploy("status", APP)["live"]["url"]
    with load(url, connections=4) as requests:
        autodeploy("scale", APP, "worker=3")
        until(lambda: len(on_host(APP, running).stdout.splitlines()) == 3, 90)
        autodeploy("scale", APP, "worker=1")
        until(lambda: len(on_host(APP, running).stdout.splitlines()) == 1, 90)
    assert requests.lost == []
    send("coffee")
    until(lambda: seen()["packed"] == 2)


def test_thursday_the_job_counts_by_hand_and_in_time(folder):
    assert run("python manage.py report") == "2 packed, 0 waiting\n"
    assert seen()["reports"] == 1
    (job,) = autodeploy("cron", APP)
    assert (job["job"], job["schedule"]) == ("report", "0 6 * * *")
    release = autodeploy("status", APP)["live"]["release"]
    started = on_host(APP, f"sudo systemctl start {APP}-report.{release}.service")
    assert started.returncode == 0, started.stderr
    assert seen()["reports"] == 2
    until(lambda: "2 packed, 0 waiting" in said("report"))


def test_friday_somebody_drops_a_table(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kept = autodeploy("db", "backup", APP)["file"]
    line = ["db", "shell", APP, "--", "-c", "DROP TABLE parcels_parcel"]
    assert zygote.run(line).returncode == 0
    autodeploy("maintenance", "on", APP)
    autodeploy("db", "restore", APP, kept, "--yes", "--yes-data")
    autodeploy("maintenance", "off", APP)
    until(lambda: seen()["packed"] == 2)


def test_saturday_the_host_is_looked_after(folder):
    upgraded = autodeploy("hosts", "upgrade", APP)
    assert upgraded
    restarted = autodeploy("restart", APP)
    assert seen()["packed"] == 2
    (newest, *_) = autodeploy("releases", APP)
    assert (newest["release"], newest["standing"]) == (restarted["release"], "live")
    assert live(restarted) == restarted["release"]


def test_sunday_all_of_it_goes(folder):
    gone = autodeploy("destroy", APP, "--yes")
    assert (gone["status"], gone["resources"]) == ("completed", [])
    assert autodeploy("orphans", "--target", "lab")["orphans"] == []
