"""What users miss, and why."""

from __future__ import annotations

import pytest

from autodeploy.conductor.forecast import Intended
from autodeploy.conductor.forecast.downtime import BESIDE, downtime
from autodeploy.contracts import Action, Outage, Plan
from forecastkit import HOST, SETTINGS, STACK, live, planned
from statekit import running

SAME = planned((HOST, Action.NONE))
RESIZE = Outage(seconds=120, reason="a host is stopped")
BALANCED = running(load_balancer="lb.example.org", url="http://lb.example.org/")
TWO = BALANCED.model_copy(update={"hosts": ("host-1", "host-2")})


def missed(known, plan=SAME, is_nothing=False, **said):
    settings = SETTINGS.model_copy(update=said)
    return downtime(Intended(known, STACK, settings, plan, is_nothing=is_nothing))


def test_none_where_nothing_serves_or_nothing_is_done():
    assert missed(None) == Outage(seconds=0, reason="nothing serves yet")
    assert missed(live(), is_nothing=True).seconds == 0


def test_none_for_a_release_beside_the_old_one():
    assert missed(live()) == Outage(seconds=0, reason=BESIDE)


def test_a_fixed_port_has_room_for_one():
    found = missed(live(), port=3000, health_timeout=42)
    assert found.seconds is None
    assert "at most 42 s" in found.reason
    gone = missed(live(deployment=running(is_exclusive=True)))
    assert "fixed port" in gone.reason
    assert missed(live(deployment=TWO), port=3000, hosts=2).seconds == 0


def test_nobody_misses_what_nobody_reaches():
    worker = live(deployment=running(url=None, is_exclusive=True))
    assert missed(worker) == Outage(seconds=0, reason="no client reaches it")


def test_a_host_that_stands_alone_is_missed_while_it_gets_another_type():
    plan = planned((HOST, Action.UPDATE), outage=RESIZE)
    assert missed(live(), plan) == RESIZE
    assert missed(live(deployment=BALANCED), plan, load_balancer=True) == RESIZE
    assert missed(live(deployment=TWO), plan, hosts=2).seconds == 0


def test_hosts_that_are_replaced_are_missed_also_behind_a_load_balancer():
    lost = Outage(seconds=None, reason="at once")
    plan = planned((HOST, Action.REPLACE), (HOST, Action.REPLACE), outage=lost)
    assert missed(live(deployment=TWO), plan, hosts=2) == lost


def test_several_outages_are_added_up_as_far_as_they_are_known():
    other = Outage(seconds=60, reason="db")
    database = planned(("AWS::RDS::DBInstance", Action.UPDATE), outage=other)
    host = planned((HOST, Action.UPDATE), outage=RESIZE)
    plan = Plan(actions=(*host.actions, *database.actions))
    assert missed(live(), plan) == Outage(seconds=180, reason="a host is stopped; db")
    assert missed(live(), plan, port=80).seconds is None


@pytest.mark.parametrize(
    ("deployment", "said", "gone"),
    [
        (running(), {"hosts": 2}, "http://192.0.2.1/ stops answering"),
        (running(url="https://shop.example.org/"), {}, "shop.example.org is given up"),
        (running(url="https://shop.example.org/"), {"domain": "shop.example.org"}, None),
        (BALANCED, {"load_balancer": True}, None),
    ],
)
def test_an_address_that_leads_nowhere_any_more_is_told(deployment, said, gone):
    found = missed(live(deployment=deployment), **said)
    assert gone in found.reason if gone else found.seconds == 0
