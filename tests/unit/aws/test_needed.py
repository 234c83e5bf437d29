"""Which actions a plan calls, of those that the policy grants."""

from __future__ import annotations

import pytest

from autodeploy.aws.grants import KINDS
from autodeploy.aws.needed import ADMISSION, needed
from autodeploy.contracts import Action, PlannedAction


def writes(kind, action):
    one = PlannedAction(key="one", type=f"AWS::{kind}", action=action, reason="")
    return set(needed([one]).writes)


@pytest.mark.parametrize(
    ("kind", "action", "called"),
    [
        ("EC2::VPC", Action.CREATE, {"ec2:CreateVpc", "ec2:CreateTags"}),
        ("EC2::VPC", Action.DELETE, {"ec2:DeleteVpc"}),
        ("EC2::VPC", Action.NONE, set()),
        ("EC2::VPC", Action.REPLACE, {"ec2:CreateVpc", "ec2:CreateTags", "ec2:DeleteVpc"}),
        ("EC2::VPC", Action.UPDATE, set()),
        ("EC2::KeyPair", Action.CREATE, {"ec2:ImportKeyPair", "ec2:CreateTags"}),
        ("EC2::InternetGateway", Action.UPDATE, {"ec2:AttachInternetGateway"}),
        ("EC2::Instance", Action.DELETE, {"ec2:TerminateInstances"}),
        ("EC2::Instance", Action.NONE, set(ADMISSION)),
        ("CloudWatch::Alarm", Action.DELETE, {"cloudwatch:DeleteAlarms"}),
    ],
)
def test_the_calls_of_an_action(kind, action, called):
    assert writes(kind, action) == called


def test_an_update_may_complete_and_change_but_not_make_or_remove():
    group = writes("EC2::SecurityGroup", Action.UPDATE)
    assert group == {"ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"}
    host = writes("EC2::Instance", Action.UPDATE)
    assert {"ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances"} <= host
    assert not {"ec2:RunInstances", "ec2:TerminateInstances"} & host
    targets = writes("ElasticLoadBalancingV2::TargetGroup.TargetDescription", Action.UPDATE)
    assert len(targets) == 2


def test_hosts_that_stop_leave_their_load_balancer_first():
    targets = "AWS::ElasticLoadBalancingV2::TargetGroup.TargetDescription"
    host, group = (
        PlannedAction(key=kind, type=kind, action=Action.NONE, reason="")
        for kind in ("AWS::EC2::Instance", targets)
    )
    turns = {"elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"}
    assert not turns & set(needed([host, group]).writes)
    assert turns <= set(needed([host, group], takes_turns=True).writes)
    resized = host.model_copy(update={"action": Action.UPDATE})
    assert turns <= set(needed([resized, group]).writes)
    assert not turns & set(needed([resized], takes_turns=True).writes)


def test_a_database_that_goes_leaves_a_snapshot():
    gone = writes("RDS::DBInstance", Action.DELETE)
    assert {"rds:CreateDBSnapshot", "rds:DeleteDBInstance", "rds:ModifyDBInstance"} <= gone
    assert "rds:CreateDBInstance" not in gone


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_made_replaced_and_removed_by_what_is_granted(kind):
    name = kind.removeprefix("AWS::")
    granted = {one for names in KINDS[kind].needs.values() for one in names.split()} | {*ADMISSION}
    made, gone = writes(name, Action.CREATE), writes(name, Action.DELETE)
    assert made
    assert gone
    assert made | gone <= granted
    assert writes(name, Action.UPDATE) <= made | gone | set(ADMISSION)


def test_reads_are_apart_and_of_what_is_looked_for():
    found = needed([], ["AWS::EC2::VPC", "AWS::RDS::DBInstance"])
    assert {"ec2:DescribeVpcs", "rds:DescribeDBInstances"} <= set(found.reads)
    assert found.writes == ()
    assert all(one.partition(":")[2].startswith(("Describe", "Get", "List")) for one in found.reads)
