"""Which hosts `--detailed` looks at."""

from __future__ import annotations

from autodeploy.conductor.detailed import staying, told
from autodeploy.contracts import Action, Difference, Host, Plan, PlannedAction
from forecastkit import live

HOSTS = tuple(
    Host(name=f"host-{one}", address=f"192.0.2.{one}", instance_id=f"i-{one}", host_key="k")
    for one in (1, 2, 3)
)


def test_those_that_are_there_and_stay():
    fates = {"i-1": Action.REPLACE, "i-2": Action.UPDATE, "i-3": Action.DELETE}
    plan = Plan(
        actions=tuple(
            PlannedAction(key=one, type="AWS::EC2::Instance", action=what, reason="", id=one)
            for one, what in fates.items()
        )
    )
    known = live(hosts=HOSTS)
    assert [host.name for host in staying(known, plan)] == ["host-2"]
    assert staying(known, Plan()) == HOSTS
    assert staying(None, plan) == ()


def test_a_host_on_which_nothing_would_change_is_told_too():
    change = Difference(host="host-2", what="proxy : nginx", kind="changed", reason=("-a",))
    found = told(HOSTS, (change,))
    assert [(one.host, one.kind) for one in found] == [
        ("host-2", "changed"),
        ("host-1", "none"),
        ("host-3", "none"),
    ]
    assert told((), ()) == ()
