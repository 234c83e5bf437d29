"""The table of permissions, and what is made of it."""

from __future__ import annotations

import fnmatch
import json

import botocore.loaders
import pytest

from autodeploy.aws import permissions
from autodeploy.aws.grants import KINDS, SCOPES
from autodeploy.provisioner import kinds

FOLDERS = {"elasticloadbalancing": "elbv2"}
MORE_THAN_CALLS = {"elasticloadbalancing:AddTags", "iam:CreateServiceLinkedRole"}
EVERY = [one for some in permissions.granted(KINDS).values() for one in some]


def test_every_kind_that_is_made_is_in_the_table():
    assert {kind.type for kind in kinds.KINDS} <= set(KINDS)


@pytest.mark.parametrize("action", sorted(set(EVERY) - {"kms:DescribeKey"}))
def test_every_action_is_an_operation_of_its_service(action):
    service, _, name = action.partition(":")
    model = botocore.loaders.Loader().load_service_model(FOLDERS.get(service, service), "service-2")
    assert name in model["operations"]


def test_every_scope_is_used_and_has_a_name_of_its_own():
    assert len({scope.sid for scope in SCOPES}) == len(SCOPES)
    assert set(permissions.granted(KINDS)) == set(SCOPES)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_policy_is_that_of_its_kinds(kind):
    said = permissions.document([kind])
    allowed = {one for statement in said["Statement"] for one in statement["Action"]}
    assert allowed == {one for names in KINDS[kind].needs.values() for one in names.split()}
    assert all(statement["Effect"] == "Allow" for statement in said["Statement"])
    assert json.loads(json.dumps(said)) == said


def test_what_is_asked_about_fits_what_is_allowed():
    found = permissions.examples(KINDS, "eu-west-1", "123456789012")
    patterns = [scope.resource for scope in SCOPES if scope.resource != "*"]
    for pattern in patterns:
        assert any(fnmatch.fnmatchcase(one, pattern) for one in found), pattern
    assert "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-00000000000000000" in found
    assert all("*" not in one for one in found if one != "*")
    in_china = permissions.examples(KINDS, "cn-north-1", "123456789012", "aws-cn")
    assert all(one.startswith("arn:aws-cn:") for one in in_china if one != "*")


def test_lines_are_statements_by_scope():
    found = permissions.lines(["ec2:CreateVpc", "ec2:RunInstances", "kms:CreateGrant"])
    assert json.loads(found["Make"]) == {
        "Effect": "Allow",
        "Action": ["ec2:CreateVpc", "ec2:RunInstances"],
        "Resource": "*",
    }
    assert json.loads(found["AskBeforehand"])["Action"] == ["kms:CreateGrant"]
    assert set(permissions.lines(["secretsmanager:CreateSecret"])) == {"MakeSecrets"}


def test_conditions_have_one_value_each():
    said = permissions.facts("eu-west-1")
    assert said["aws:ResourceTag/autodeploy:managed-by"] == "autodeploy"
    assert said["ec2:CreateAction"] == "RunInstances"
    assert said["aws:RequestedRegion"] == "eu-west-1"
