"""What a rollback would do."""

from __future__ import annotations

from autodeploy.conductor.forecast import Intended
from autodeploy.conductor.forecast.undo import undo
from autodeploy.contracts import Action, TechStack
from autodeploy.settings import Settings
from forecastkit import HOST, SETTINGS, STACK, live, planned

DATABASE = "AWS::RDS::DBInstance"


def told(known, plan, stack=STACK, settings=SETTINGS, is_nothing=False):
    return undo(Intended(known, stack, settings, plan, is_nothing=is_nothing))


def test_the_first_is_removed_but_for_the_databases_last_snapshot():
    plan = planned((HOST, Action.CREATE), (DATABASE, Action.CREATE))
    assert told(None, plan) == (
        "removes all 2 resources",
        "a last snapshot of the database is kept",
    )
    assert told(None, planned((HOST, Action.CREATE))) == ("removes all 1 resources",)


def test_what_an_earlier_one_has_made_is_not_removed_by_the_way():
    (refused, _all) = told(None, planned((HOST, Action.NONE)))
    assert "refused where an earlier deployment has made one-0" in refused


def test_hosts_that_exist_stay():
    settings = Settings(target="ssh", addresses=["admin@192.0.2.1"])
    assert told(None, planned(), settings=settings) == (
        "the application is taken off the hosts, which stay",
    )


def test_a_later_one_leads_back_to_the_release_and_leaves_the_infrastructure():
    plan = planned((HOST, Action.UPDATE), ("AWS::EC2::VPC", Action.NONE))
    migrates = TechStack(release_command="migrate")
    assert told(live(), plan, migrates) == (
        "release r1 serves again",
        "what is done to one-0 stays",
        "what `migrate` does to data stays",
    )
    assert told(live(), planned((HOST, Action.NONE))) == ("release r1 serves again",)


def test_no_way_back_to_hosts_that_are_gone():
    (refused,) = told(live(commit="c" * 40), planned((HOST, Action.REPLACE)))
    assert refused.startswith("refused, for one-0 will be another than with release r1")
    assert "--ref cccccccccccc`" in refused


def test_nothing_is_undone_by_nothing():
    assert "nothing to undo" in told(live(), planned(), is_nothing=True)[0]
