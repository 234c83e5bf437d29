"""A target's health: HAProxy's words and ELB's; which are tried, and what a reload keeps."""

from __future__ import annotations

import pytest

from autodeploy.lab.balancers import agent, health
from autodeploy.lab.balancers.model import LoadBalancer
from autodeploy.lab.balancers.registry import Registry
from autodeploy.lab.balancers.trials import Trials


def row(status="DOWN", check="L4CON", code=""):
    return {"status": status, "check_status": check, "check_code": code}


@pytest.mark.parametrize(
    ("said", "tried", "state", "reason"),
    [
        (None, False, "initial", "Elb.RegistrationInProgress"),
        (row(check="INI"), False, "initial", "Elb.InitialHealthChecking"),
        (row(check="L4CON"), False, "initial", "Elb.InitialHealthChecking"),
        (row("UP", "L7OK"), False, "healthy", None),
        (row("UP 1/2", "L7STS", "500"), True, "healthy", None),
        (row("DOWN", "L7STS", "404"), True, "unhealthy", "Target.ResponseCodeMismatch"),
        (row("DOWN", "* L7STS", "404"), True, "unhealthy", "Target.ResponseCodeMismatch"),
        (row("DOWN 1/5", "L7OK"), True, "unhealthy", "Target.FailedHealthChecks"),
        (row("DOWN", "L4TOUT"), True, "unhealthy", "Target.Timeout"),
        (row("DOWN", "L7TOUT"), True, "unhealthy", "Target.Timeout"),
        (row("DOWN", "L4CON"), True, "unhealthy", "Target.FailedHealthChecks"),
        (row("DOWN", "L7RSP"), True, "unhealthy", "Target.FailedHealthChecks"),
    ],
)
def test_a_row_of_haproxys_is_a_state_and_a_reason(said, tried, state, reason):
    found = health.of(said, tried)
    assert (found.state, found.reason) == (state, reason)


def test_a_wrong_status_is_told():
    found = health.of(row("DOWN", "L7STS", "404"), True)
    assert found.description == "Health checks failed with these codes: [404]"


def balancer(*addresses):
    check = {"interval": 10, "unhealthy_threshold": 3}
    targets = [{"address": one, "port": 80} for one in addresses]
    group = {"name": "tg", "targets": targets, "health_check": check}
    return LoadBalancer.model_validate({"name": "shop", "target_groups": [group]})


SERVER = ("tg", "10.0.0.4:80")


def test_one_success_makes_a_new_target_healthy():
    trials, wanted = Trials(), balancer("10.0.0.4")
    trials.observe(wanted, {SERVER: row("UP", "L7OK")}, now=0)
    assert trials.pending(wanted) == []
    assert trials.told(wanted).target_groups[0].targets[0].tried


def test_a_new_target_is_unhealthy_after_the_threshold_of_failures():
    trials, wanted = Trials(), balancer("10.0.0.4")
    for now, pending in ((0, True), (10, True), (20, True), (20.1, False)):
        trials.observe(wanted, {SERVER: row("DOWN", "L4CON")}, now)
        assert bool(trials.pending(wanted)) is pending


def test_a_target_that_was_away_is_tried_again():
    trials, wanted = Trials(), balancer("10.0.0.4")
    trials.observe(wanted, {SERVER: row("UP", "L7OK")}, now=0)
    assert trials.pending(balancer("10.0.0.5")) == [("tg", "10.0.0.5:80")]
    assert trials.pending(wanted) == [SERVER]


DUMP = """1
# be_id be_name srv_id srv_name srv_addr srv_op_state
3 tg 1 10.0.0.4:80 10.0.0.4 2 0
3 tg 2 10.0.0.5:80 10.0.0.5 0 0

"""


def test_a_reload_keeps_what_is_known_and_begins_with_new_targets_down():
    merged = agent.merged(DUMP, [("tg", "10.0.0.4:80"), ("tg", "10.0.0.6:81")]).splitlines()
    assert merged[:2] == ["1", "3 tg 1 10.0.0.4:80 10.0.0.4 2 0"]
    assert merged[2].split()[:6] == ["0", "tg", "0", "10.0.0.6:81", "10.0.0.6", "0"]
    assert merged[2].split()[18] == "81"
    assert len(merged) == 3


PROCESSES = """#<PID>          <type>          <reloads>       <uptime>        <version>
1               master          2 [failed: 0]   0d00h00m03s     2.6.12-1+deb12u4
# workers
31              worker          0               0d00h00m01s     2.6.12-1+deb12u4
# old workers
21              worker          1               0d00h00m03s     2.6.12-1+deb12u4
# programs
"""
SESSIONS = """0x1: proto=tcpv4 src=10.0.0.1:5 fe=listener-80 be=tg srv=10.0.0.4:80 ts=00 epoch=0
0x2: proto=tcpv4 src=10.0.0.1:6 fe=listener-80 be=tg srv=10.0.0.4:8080 ts=00 epoch=0
0x3: proto=unix_stream src=unix:1 fe=GLOBAL be=<NONE> srv=<none> ts=00 epoch=0
"""


def test_workers_and_sessions_are_found():
    assert agent.workers(PROCESSES) == [31, 21]
    assert agent.sessions(SESSIONS, [SERVER]) == ["0x1"]
    assert agent.sessions(SESSIONS, []) == []


def test_a_registry_knows_who_leaves():
    registry, one, two = Registry(), ("i-1", 80), ("i-1", 81)
    registry.register(one)
    registry.register(two)
    assert not registry.deregister(("i-2", 80), until=5)
    assert registry.deregister(one, until=5)
    assert (list(registry.active), registry.draining(4)) == ([two], [one])
    assert registry.draining(5) == []
    registry.deregister(two, until=9)
    registry.register(two)
    assert (list(registry.active), registry.draining(6)) == ([two], [])
    registry.forget("i-1")
    assert list(registry.active) == []
