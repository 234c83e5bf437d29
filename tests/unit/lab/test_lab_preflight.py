"""What is asked before anything is made, of the lab's API."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from autodeploy.aws import permissions
from autodeploy.aws.simulation import NOT_PROOF
from autodeploy.contracts import Plan
from autodeploy.errors import AccessDenied, QuotaExceeded, TypeNotOffered, UsageError
from autodeploy.lab import record
from autodeploy.provisioner import kinds
from autodeploy.provisioner.desired import desired
from autodeploy.provisioner.observed import Observed
from autodeploy.provisioner.planner import decide
from autodeploy.provisioner.policy import EVERYWHERE
from autodeploy.provisioner.preflight import Needs, needs_of, preflight
from autodeploy.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Exception.*does not match")]

ASKING = {
    "Effect": "Allow",
    "Action": [
        *("iam:GetRole", "iam:SimulatePrincipalPolicy", "servicequotas:GetServiceQuota"),
        "ec2:DescribeInstanceTypeOfferings",
    ],
    "Resource": "*",
}
KINDS = [kind.type for kind in kinds.KINDS]
DOCUMENT = permissions.document(KINDS)
ACTIONS = sorted({one for said in DOCUMENT["Statement"] for one in said["Action"]})


@dataclass
class Heard:
    lines: list[str] = field(default_factory=list)

    def info(self, message):
        self.lines.append(message)


@pytest.fixture
def needs(controller):
    """What a first deployment takes, of every kind that there is."""
    controller.stack = controller.stack.model_copy(update={"databases": ("postgresql", "redis")})
    controller.settings = Settings(
        target="lab",
        load_balancer=True,
        domain="shop.example.org",
        alarms=("ops@example.com",),
    )
    wanted = desired(controller.stack, controller.settings, EVERYWHERE)
    return needs_of(decide(wanted, Observed({}, {}), yes_data=False), wanted)


def allow(api, *, without=(), asking=ASKING):
    statements = [
        {**said, "Action": [one for one in said["Action"] if one not in without]}
        for said in DOCUMENT["Statement"]
    ]
    api.admin("POST", "policy", {"Statement": [*statements, *([asking] if asking else ())]})


def calls(api):
    return [one.action for one in record.read(api.record)]


def made(api):
    return [one for one in api.admin("GET", "snapshot") if one["kind"] != "AWS::EC2::KeyPair"]


def test_who_we_are_is_said_and_few_calls_are_made(api, controller, needs):
    allow(api)
    before, heard = len(calls(api)), Heard()
    preflight(controller.cloud, needs, heard)
    account = "account 123456789012 as arn:aws:iam::123456789012:user/lab, region us-east-1"
    assert heard.lines == [account]
    assert sorted(calls(api)[before:]) == [
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeInstances",
        "ec2:DescribeVpcs",
        "elasticloadbalancing:DescribeLoadBalancers",
        "iam:SimulatePrincipalPolicy",
        "rds:DescribeDBInstances",
        "servicequotas:GetServiceQuota",
        "servicequotas:GetServiceQuota",
        "servicequotas:GetServiceQuota",
        "servicequotas:GetServiceQuota",
        "sts:GetCallerIdentity",
    ]


def test_nothing_is_asked_where_nothing_is_made(api, controller):
    preflight(controller.cloud, needs_of(Plan(), ()), Heard())
    assert calls(api) == []


@pytest.mark.parametrize("action", sorted({*ACTIONS} - NOT_PROOF))
def test_each_permission_that_is_missing_is_named_before_anything_is_made(
    api, controller, needs, action
):
    allow(api, without=[action])
    with pytest.raises(AccessDenied) as caught:
        preflight(controller.cloud, needs, Heard())
    assert caught.value.message == f"the identity may not call {action}"
    assert f'"Action": ["{action}"]' in caught.value.remediation
    assert made(api) == []


def test_a_policy_for_more_than_is_made_is_understood(api, controller, needs):
    network = replace(needs, kinds=frozenset({"AWS::EC2::VPC"}))
    allow(api, without=["ec2:CreateVpc"])
    with pytest.raises(AccessDenied, match="ec2:CreateVpc"):
        preflight(controller.cloud, network, Heard())


def test_a_policy_by_resources_is_no_reason_to_stop(api, controller, needs):
    looking = {"Effect": "Allow", "Action": ["ec2:Describe*", "ssm:*"], "Resource": "*"}
    looking["Action"] += ["acm:*", "elasticloadbalancing:*", "kms:*", "rds:*", "secretsmanager:*"]
    other = {"Effect": "Allow", "Action": ACTIONS, "Resource": "arn:aws:ec2:*:*:*/*"}
    api.admin("POST", "policy", {"Statement": [ASKING, looking, other]})
    preflight(controller.cloud, needs, Heard())


def test_what_iam_cannot_tell_is_said(api, controller, needs):
    rest = [one for one in ACTIONS if one != "ec2:CreateVpc"]
    strange = {
        "Effect": "Allow",
        "Action": "ec2:CreateVpc",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestTag/cost-centre": "42"}},
    }
    plain = {"Effect": "Allow", "Action": rest, "Resource": "*"}
    api.admin("POST", "policy", {"Statement": [ASKING, plain, strange]})
    heard = Heard()
    preflight(controller.cloud, needs, heard)
    assert "IAM cannot tell beforehand of ec2:CreateVpc" in heard.lines


def test_who_may_not_ask_is_told_so_and_goes_on(api, controller, needs):
    allow(api, asking=None)
    heard = Heard()
    preflight(controller.cloud, needs, heard)
    assert [line.partition(":")[0] for line in heard.lines[1:]] == [
        "permissions were not asked beforehand",
        "the quota of VPCs per Region was not asked beforehand",
        "the quota of DB instances was not asked beforehand",
        "the quota of Application Load Balancers per Region was not asked beforehand",
        "the quota of vCPUs of running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances "
        "was not asked beforehand",
    ]
    assert "iam:SimulatePrincipalPolicy" in heard.lines[1]


@pytest.mark.parametrize(
    ("quotas", "says"),
    [
        ({"L-F678F1CE": 1}, "may have 1 VPCs per Region"),
        ({"L-1216C47A": 1}, "may have 1 vCPUs of running On-Demand Standard"),
    ],
)
def test_a_quota_that_is_too_small_is_told_before_anything_is_made(
    api, controller, needs, quotas, says
):
    api.admin("POST", "quotas", quotas)
    with pytest.raises(QuotaExceeded, match=says):
        preflight(controller.cloud, needs, Heard())
    assert made(api) == []


@pytest.mark.parametrize(
    ("kind", "quota", "says"),
    [
        ("AWS::RDS::DBInstance", "L-7B6409FD", "DB instances"),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", "L-53DA6B97", "Load Balancers"),
    ],
)
def test_databases_and_balancers_are_counted_too(api, controller, kind, quota, says):
    needs = Needs(frozenset({kind}), {kind: 1}, ())
    preflight(controller.cloud, needs, Heard())
    api.admin("POST", "quotas", {quota: 0})
    with pytest.raises(QuotaExceeded, match=says):
        preflight(controller.cloud, needs, Heard())


def test_a_type_that_does_not_exist_is_told_before_anything_is_made(api, controller, needs):
    hosts = tuple(replace(one, instance_type="t9.small") for one in needs.hosts)
    with pytest.raises(TypeNotOffered) as caught:
        preflight(controller.cloud, replace(needs, hosts=hosts), Heard())
    assert "no instance type t9.small in us-east-1" in caught.value.message
    assert "t3.small" in caught.value.remediation


def test_another_processor_is_told_before_anything_is_made(api, controller, needs):
    hosts = tuple(replace(one, instance_type="t4g.small") for one in needs.hosts)
    with pytest.raises(UsageError, match=r"t4g\.small has no amd64 processor"):
        preflight(controller.cloud, replace(needs, hosts=hosts), Heard())
