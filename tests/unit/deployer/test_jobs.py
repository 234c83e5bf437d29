"""Jobs as systemd tells of them."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime

import pytest

from autodeploy.contracts import CronJob, DeploymentConfig
from autodeploy.deployer.jobs import JobSeen, question, seen

RELEASE = "0123456789ab"
JOB = CronJob(schedule="@daily", command="true")
CONFIG = DeploymentConfig(
    release=RELEASE,
    artifact="0" * 64,
    url=None,
    processes={},
    jobs={"clean": JOB},
    health_path="/",
    health_status=None,
    hosts=("host-1",),
    fingerprint="f",
)
TIMER = (
    "ActiveState=active\nNextElapseUSecRealtime=Fri 2026-11-27 00:00:00 UTC\n"
    f"Id=shop-clean.{RELEASE}.timer"
)
NEXT = datetime(2026, 11, 27, tzinfo=UTC)
LAST = datetime(2026, 11, 26, tzinfo=UTC)


def service(state, result="success", status=0, began="Thu 2026-11-26 00:00:00 UTC"):
    return (
        f"ActiveState={state}\nResult={result}\nExecMainStatus={status}\n"
        f"ExecMainStartTimestamp={began}\nId=shop-clean.{RELEASE}.service"
    )


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (service("inactive"), {"last": LAST}),
        (service("activating"), {"last": LAST, "runs": True}),
        (service("failed", "exit-code", 7), {"last": LAST, "failure": "exit status 7"}),
        (service("failed", "oom-kill", 9), {"last": LAST, "failure": "oom-kill"}),
        (service("inactive", began="n/a"), {}),
        (service("inactive", began=""), {}),
        ("", {}),
    ],
)
def test_how_a_job_went(said, expected):
    answer = f"{said}\n\n{TIMER}\n"
    assert seen("shop", CONFIG, answer) == [JobSeen("clean", JOB, NEXT, **expected)]


def test_a_timer_that_does_not_run_has_no_next():
    timer = TIMER.replace("Fri 2026-11-27 00:00:00 UTC", "")
    assert seen("shop", CONFIG, timer) == [JobSeen("clean", JOB)]


def test_the_question_names_both_units_of_each():
    words = shlex.split(question("shop", CONFIG))
    assert words[-2:] == [f"shop-clean.{RELEASE}.service", f"shop-clean.{RELEASE}.timer"]
