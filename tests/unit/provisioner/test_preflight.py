"""What is decided before anything is made; AWS's answers are given."""

from __future__ import annotations

import pytest

from autodeploy.aws import Identity, quotas, usage
from autodeploy.aws.simulation import Foreseen, read
from autodeploy.contracts import Action, Plan, PlannedAction
from autodeploy.errors import QuotaExceeded, UsageError
from autodeploy.provisioner.kinds import Instance, Vpc
from autodeploy.provisioner.limits import check_processor, check_quota
from autodeploy.provisioner.preflight import lacking, needs_of

ME = Identity("123456789012", "arn:aws:iam::123456789012:user/me")


def host(key, **more):
    return Instance(key, "debian-12", "t3.small", "subnet-public-a", "group", **more)


def planned(key, kind, action):
    return PlannedAction(key=key, type=kind, action=action, reason="-")


def test_needs_are_what_is_made():
    plan = Plan(
        actions=(
            planned("vpc", "AWS::EC2::VPC", Action.NONE),
            planned("host-1", "AWS::EC2::Instance", Action.NONE),
            planned("host-2", "AWS::EC2::Instance", Action.CREATE),
            planned("host-3", "AWS::EC2::Instance", Action.CREATE),
            planned("key-pair", "AWS::EC2::KeyPair", Action.REPLACE),
        )
    )
    hosts = [host(f"host-{number}") for number in (1, 2, 3)]
    needs = needs_of(plan, [Vpc("vpc", "10.0.0.0/16"), *hosts])
    assert needs.created == {"AWS::EC2::Instance": 2}
    assert needs.hosts == tuple(hosts[1:])
    assert needs.kinds == {"AWS::EC2::VPC", "AWS::EC2::Instance", "AWS::EC2::KeyPair"}


@pytest.mark.parametrize(
    ("most", "present", "wanted", "enough"),
    [(5, 4, 1, True), (5, 5, 1, False), (5, 4, 2, False), (0, 0, 1, False), (5, 9, 1, False)],
)
def test_a_quota_is_enough_or_it_is_told(most, present, wanted, enough):
    if enough:
        check_quota(quotas.VPCS, most=most, present=present, wanted=wanted)
        return
    with pytest.raises(QuotaExceeded) as caught:
        check_quota(quotas.VPCS, most=most, present=present, wanted=wanted)
    assert caught.value.message == f"the account may have {most} VPCs per Region (L-F678F1CE)"
    assert caught.value.cause == f"{present} are in use and {wanted} more are needed"


def described(*architectures):
    return {"ProcessorInfo": {"SupportedArchitectures": list(architectures)}}


@pytest.mark.parametrize(
    ("arch", "architectures", "hint"),
    [
        ("amd64", ["x86_64"], None),
        ("amd64", ["i386", "x86_64"], None),
        ("arm64", ["arm64"], None),
        ("amd64", ["arm64"], "--arch arm64"),
        ("arm64", ["x86_64"], "--arch amd64"),
        ("amd64", ["arm64_mac"], "Give another --instance-type"),
    ],
)
def test_the_types_processor_is_the_images(arch, architectures, hint):
    if hint is None:
        check_processor(host("host-1", arch=arch), described(*architectures))
        return
    with pytest.raises(UsageError) as caught:
        check_processor(host("host-1", arch=arch), described(*architectures))
    assert hint in caught.value.remediation


def test_only_standard_types_count():
    types = {"t3.small": 2, "m7i.xlarge": 1, "g4dn.xlarge": 5, "inf1.xlarge": 1, "im4gn.large": 1}
    each = {one: {"VCpuInfo": {"DefaultVCpus": 4 if "xlarge" in one else 2}} for one in types}
    assert usage.standard_vcpus(types, each) == 2 * 2 + 4 + 2


def result(action, decision, resource="*", missing=(), **more):
    answer = {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": decision}
    return {**answer, "MissingContextValues": list(missing), **more}


def test_one_resource_that_is_allowed_is_enough():
    answers = [
        result("ec2:CreateVpc", "implicitDeny"),
        result("ec2:CreateVpc", "allowed", "arn:aws:ec2:r:a:vpc/x"),
        result("ec2:DeleteVpc", "implicitDeny"),
        result("ec2:DeleteVpc", "explicitDeny", "arn:aws:ec2:r:a:vpc/x"),
        result("ec2:RunInstances", "implicitDeny", missing=["aws:MultiFactorAuthPresent"]),
    ]
    assert read(answers) == Foreseen(denied=("ec2:DeleteVpc",), unsure=("ec2:RunInstances",))


def test_answers_that_are_told_by_resource_count_as_well():
    each = [
        {"EvalResourceName": "a", "EvalResourceDecision": "implicitDeny"},
        {"EvalResourceName": "b", "EvalResourceDecision": "allowed"},
    ]
    answers = [result("ec2:CreateVpc", "implicitDeny", ResourceSpecificResults=each)]
    assert read(answers) == Foreseen((), ())
    unknown = [{**each[0], "MissingContextValues": ["aws:SourceIp"]}]
    answers = [result("ec2:CreateVpc", "implicitDeny", ResourceSpecificResults=unknown)]
    assert read(answers) == Foreseen((), ("ec2:CreateVpc",))


def test_everything_that_is_missing_is_named_at_once():
    error = lacking(ME, ["ec2:RunInstances", "ec2:CreateVpc", "ec2:DeleteVpc"])
    assert error.message == (
        "the identity may not call ec2:CreateVpc, ec2:DeleteVpc, ec2:RunInstances"
    )
    assert '"Action": ["ec2:CreateVpc", "ec2:RunInstances"]' in error.remediation
    assert '"Action": ["ec2:DeleteVpc"]' in error.remediation
    assert "autodeploy iam-policy" in error.remediation
    assert ME.arn in error.cause
