"""What IAM must allow beside the plan's own calls."""

from __future__ import annotations

from autodeploy.conductor.forecast import Intended
from autodeploy.conductor.forecast.permissions import RECORDS, permissions
from autodeploy.contracts import Action, Permissions
from autodeploy.settings import Settings
from forecastkit import HOST, SETTINGS, STACK, planned

PLAN = planned((HOST, Action.NONE))


def writes(**said):
    settings = Settings(target="lab", **said)
    return set(permissions(Intended(None, STACK, settings, PLAN)).writes)


def test_a_domain_of_a_hosts_own_takes_more():
    assert writes(domain="shop.example.org") - writes() == set(RECORDS)


def test_nothing_to_do_takes_no_writes():
    assert permissions(Intended(None, STACK, SETTINGS, PLAN, is_nothing=True)).writes == ()


def test_hosts_that_exist_ask_nothing_of_aws():
    settings = SETTINGS.model_copy(update={"target": "ssh"})
    assert permissions(Intended(None, STACK, settings, PLAN)) == Permissions()
