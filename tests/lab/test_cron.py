"""What runs at given times: on one host, in what has the traffic, never twice at once."""

from __future__ import annotations

import shutil

import pytest
import yaml

import zygote
from labkit import until
from roadkit import ROOT, autodeploy, deploy, on_host

pytestmark = pytest.mark.lab

NAME = "on-time"
NEVER = "0 4 1 1 *"
JOBS = {
    "note": {"schedule": NEVER, "command": "echo $GREETING from $PWD; id -un"},
    "broken": {"schedule": "Mon..Fri 04:00", "command": "echo about to fail; exit 7"},
    "slow": {"schedule": "@monthly", "command": "echo begun; exec sleep 600"},
}


@pytest.fixture
def folder(lab, tmp_path):
    """A copy of the Go example; gone from the lab at the end."""
    made = tmp_path / NAME
    shutil.copytree(ROOT / "examples" / "go-hello", made)
    yield made
    autodeploy("destroy", NAME, "--yes")


def said(folder, greeting, jobs):
    (folder / "autodeploy.yml").write_text(
        yaml.safe_dump({"env": {"GREETING": greeting}, "cron": jobs})
    )
    state = deploy(folder, "--hosts", 2, "--no-load-balancer")
    assert state["status"] == "completed"
    return state["release"]


def run(*words, host="host-1"):
    return zygote.run(["ssh", NAME, "--host", host, "--", *words]).stdout


def timers(host="host-1"):
    listed = run(f"systemctl list-units --plain --no-legend '{NAME}-*.timer'", host=host)
    return sorted(line.split()[0] for line in listed.splitlines())


def of(release, jobs=JOBS):
    return sorted(f"{NAME}-{one}.{release}.timer" for one in jobs)


def start(job, release):
    return on_host(NAME, f"sudo systemctl start {NAME}-{job}.{release}.service").returncode


def show(unit, value):
    return run(f"systemctl show --value -p {value} {unit}").strip()


def texts(job):
    return [one["text"] for one in autodeploy("logs", NAME, "--process", job, "--lines", 100)]


def test_jobs_run_once_in_what_serves_and_come_and_go_with_it(folder):
    first = said(folder, "hello", JOBS)
    assert timers() == of(first)
    assert timers("host-2") == []
    assert "01-01 04:00:00 UTC" in show(of(first)[1], "TimersCalendar")

    assert start("note", first) == 0
    assert f"hello from /srv/{NAME}/releases/{first}" in texts("note")
    assert f"app-{NAME}" in texts("note")
    assert start("broken", first) == 1
    assert any("status=7" in one for one in texts("broken"))
    shown = {one["job"]: one for one in autodeploy("cron", NAME, code=1)}
    assert {name: one["failure"] for name, one in shown.items()} == {
        "note": None,
        "broken": "exit status 7",
        "slow": None,
    }
    assert shown["note"]["next"].endswith("-01-01T04:00:00+00:00")
    assert (shown["note"]["last"] is None, shown["slow"]["last"]) == (False, None)

    assert run(f"sudo systemctl start --no-block {NAME}-slow.{first}.service") == ""
    second = said(folder, "bye", JOBS)
    assert set(timers()) >= {*of(second)}
    assert start("note", first) == 0, "what a release has no traffic for is left out"
    assert not any(one.startswith("bye") for one in texts("note"))
    assert len([one for one in texts("note") if one.startswith("hello")]) == 1
    assert start("note", second) == 0
    assert f"bye from /srv/{NAME}/releases/{second}" in texts("note")

    run(f"sudo systemctl stop {NAME}-{first}.target")
    assert timers() == of(second)
    slow = f"{NAME}-slow.{first}.service"
    assert show(slow, "ActiveState") == "activating"
    run(f"sudo systemctl start --no-block {NAME}-slow.{second}.service")
    assert texts("slow").count("begun") == 1, "the second waits for the first"
    run(f"sudo systemctl stop {slow}")
    until(lambda: texts("slow").count("begun") == 2)

    undone = autodeploy("rollback", NAME, "--yes")
    assert undone["status"] == "rolled_back"
    assert set(timers()) >= {*of(first)}
    third = said(folder, "bye", {"note": JOBS["note"]})
    assert set(timers()) >= {*of(third, ["note"])}
    run(f"sudo systemctl stop {NAME}-{first}.target")
    # What the rollback has left has its time to end: its timers start nothing meanwhile.
    until(lambda: timers() == of(third, ["note"]), seconds=120)
