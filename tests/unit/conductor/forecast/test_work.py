"""Which runs are alike."""

from __future__ import annotations

import pytest

from autodeploy.conductor.forecast import Intended
from autodeploy.conductor.forecast.work import NOTHING, is_like, work
from autodeploy.contracts import Action, DeploymentStatus, Plan, TechStack
from autodeploy.settings import Settings
from forecastkit import HOST, SETTINGS, STACK, live, planned, run

DATABASE = "AWS::RDS::DBInstance"
VPC = "AWS::EC2::VPC"
FIRST = planned((VPC, Action.CREATE), (HOST, Action.CREATE))
SAME = planned((VPC, Action.NONE), (HOST, Action.NONE))


def kind(known=None, plan=FIRST, stack=STACK, is_nothing=False, **said):
    settings = SETTINGS.model_copy(update=said)
    return work(Intended(known, stack, settings, plan, is_nothing=is_nothing))


def test_the_first_says_what_takes_its_time():
    assert kind() == "first deployment, 1 host"
    assert kind(harden=True, hosts=2) == "first deployment, 2 hosts, hardened"
    whole = planned((HOST, Action.CREATE), (DATABASE, Action.CREATE))
    migrates = TechStack(language="go", processes={"web": "run"}, release_command="migrate")
    assert kind(plan=whole, stack=migrates) == "first deployment, 1 host, release command, database"


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (SAME, "release, 1 host"),
        (planned((VPC, Action.UPDATE), (HOST, Action.NONE)), "changed infrastructure, 1 host"),
        (planned((HOST, Action.UPDATE)), "changed infrastructure, 1 host, hosts"),
        (planned((HOST, Action.CREATE), (HOST, Action.NONE)), "new hosts, 1 host"),
        (planned((HOST, Action.REPLACE)), "new hosts, 1 host"),
        (planned((DATABASE, Action.DELETE)), "changed infrastructure, 1 host, database"),
    ],
)
def test_what_comes_later(plan, said):
    assert kind(live(), plan) == said


def test_nothing_is_a_work_of_its_own():
    assert kind(live(), SAME, is_nothing=True) == NOTHING


def test_hosts_that_exist_are_new_once():
    settings = Settings(target="ssh", addresses=["admin@192.0.2.1"], harden=False)
    said = work(Intended(None, STACK, settings, Plan()))
    assert said == "first deployment, 1 host"


def test_a_host_that_is_yet_to_be_hardened_takes_longer():
    assert kind(live(), SAME, harden=True) == "release, 1 host, hardened"


@pytest.mark.parametrize(
    "other",
    [
        {"work": "new hosts"},
        {"resumed": True},
        {"status": DeploymentStatus.FAILED},
        {"target": "aws"},
        {"operation": "destroy"},
        {"changed": False},
        {"work": None},
    ],
)
def test_only_whole_runs_of_the_same_work_there_are_like_it(other):
    assert is_like(run(work="release"), "release", "lab")
    fields = {key: one for key, one in other.items() if key != "work"}
    one = run(work=other.get("work", "release")).model_copy(update=fields)
    assert not is_like(one, "release", "lab")


def test_what_changed_nothing_tells_of_nothing():
    assert is_like(run(changed=False), NOTHING, "lab")
    assert not is_like(run(), NOTHING, "lab")
