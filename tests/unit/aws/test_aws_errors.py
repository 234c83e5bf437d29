"""AWS's words become our errors: by a table of what it says, and by botocore's own models."""

from __future__ import annotations

from pathlib import Path

import botocore.exceptions
import botocore.loaders
import pytest
import yaml

from autodeploy import errors
from autodeploy.aws import codes
from autodeploy.aws.errors import BY_CODE, LONGEST_CAUSE, is_gone, is_transient, refused
from autodeploy.aws.unanswered import failed

CASES = yaml.safe_load(Path(__file__).with_name("refusals.yml").read_text())
MODELLED = ("acm", "elbv2", "iam", "rds", "route53", "secretsmanager", "service-quotas", "ssm")


def codes_of(service):
    """The codes that a service's errors have on the wire."""
    shapes = botocore.loaders.Loader().load_service_model(service, "service-2")["shapes"]
    raised = {name: one for name, one in shapes.items() if one.get("exception")}
    return {one.get("error", {}).get("code", name) for name, one in raised.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case["says"][:2]))
def test_what_aws_says_becomes_an_error_that_says_what_to_do(case):
    action, code, message = case["says"]
    error = refused(action, code, message)
    assert type(error) is getattr(errors, case["error"])
    assert (error.action, error.code) == (case.get("action", action), code)
    for part in case.get("message", ()):
        assert part in error.message
    for part in case.get("remediation", ()):
        assert part in error.remediation
    assert "Encoded" not in error.cause
    assert error.cause.startswith(code)


def test_every_class_has_its_own_remediation_and_a_case():
    children = set(errors.CloudError.__subclasses__())
    assert len({one.default_remediation for one in children - {errors.ResourceFailed}}) == (
        len(children) - 1
    )
    without_a_code = {errors.EndpointUnreachable, errors.NetworkRefused, errors.ResourceFailed}
    assert {one.__name__ for one in children - without_a_code} <= {one["error"] for one in CASES}


def test_no_code_means_two_things():
    listed = [code for one in codes.MEANINGS for code in one.codes.split()]
    assert len(listed) == len(set(listed)) == len(BY_CODE)


@pytest.mark.parametrize("service", MODELLED)
def test_what_is_gone_and_what_passes_is_spelt_as_the_service_spells_it(service):
    gone = codes.GONE.get(service, "").split()
    assert set(gone) <= codes_of(service)
    assert set(codes.TRANSIENT.get(service, "").split()) <= codes_of(service)
    for code in gone:
        assert is_gone(refused(f"{service}:Delete", code, ""))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("InvalidVpcID.NotFound", ""),
        ("InvalidInstanceID.NotFound", ""),
        ("DBInstanceNotFound", ""),
        ("DBSubnetGroupNotFoundFault", ""),
        ("DBSnapshotNotFound", ""),
        ("LoadBalancerNotFound", ""),
        ("TargetGroupNotFound", ""),
        ("ListenerNotFound", ""),
        ("ResourceNotFoundException", ""),
        ("NoSuchHostedZone", ""),
        ("InvalidChangeBatch", "[Tried to delete record set [name='a.', type='A'] but not found]"),
    ],
)
def test_gone(code, message):
    assert is_gone(refused("any:Delete", code, message))


@pytest.mark.parametrize(
    "error",
    [
        refused("ec2:DeleteVpc", "DependencyViolation", ""),
        refused("route53:ChangeResourceRecordSets", "InvalidChangeBatch", "already exists"),
        refused("rds:DeleteDBInstance", "InvalidDBInstanceState", ""),
        errors.EndpointUnreachable("no answer"),
        errors.CloudError("something"),
        ValueError("not found"),
    ],
)
def test_not_gone(error):
    assert not is_gone(error)


@pytest.mark.parametrize(
    "error",
    [
        refused("ec2:RunInstances", "RequestLimitExceeded", ""),
        refused("elasticloadbalancing:DescribeRules", "Throttling", "Rate exceeded"),
        refused("ec2:RunInstances", "InternalError", ""),
        refused("secretsmanager:GetSecretValue", "InternalServiceError", ""),
        refused("route53:ChangeResourceRecordSets", "PriorRequestNotComplete", ""),
        refused("rds:CreateDBInstance", "503", "Service Unavailable"),
        errors.EndpointUnreachable("no answer"),
    ],
)
def test_passing(error):
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        refused("ec2:CreateVpc", "VpcLimitExceeded", ""),
        refused("secretsmanager:CreateSecret", "LimitExceededException", ""),
        refused("ec2:RunInstances", "InsufficientInstanceCapacity", ""),
        refused("ec2:RunInstances", "UnauthorizedOperation", ""),
        ValueError("503"),
    ],
)
def test_lasting(error):
    assert not is_transient(error)


def test_a_hostile_message_is_cut():
    message = "x" * 100_000
    assert len(refused("ec2:RunInstances", "Strange", message).cause or "") == LONGEST_CAUSE
    assert len(failed("ec2:RunInstances", ValueError(message)).cause or "") == LONGEST_CAUSE


SSO = {"profile_name": "work", "error_msg": "no token", "provider": "sso"}
SAID = {"Error": {"Code": "AccessDenied", "Message": "not authorized to perform: sts:AssumeRole"}}
OLD = {"Error": {"Code": "ExpiredToken", "Message": "The security token is expired"}}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (botocore.exceptions.NoCredentialsError(), errors.CredentialsMissing),
        (
            botocore.exceptions.PartialCredentialsError(provider="env", cred_var="secret"),
            errors.CredentialsMissing,
        ),
        (botocore.exceptions.ProfileNotFound(profile="x"), errors.CredentialsMissing),
        (botocore.exceptions.UnauthorizedSSOTokenError(), errors.CredentialsExpired),
        (botocore.exceptions.SSOTokenLoadError(**SSO), errors.CredentialsExpired),
        (botocore.exceptions.TokenRetrievalError(**SSO), errors.CredentialsExpired),
        (botocore.exceptions.LoginRefreshRequired(), errors.CredentialsExpired),
        (botocore.exceptions.ClientError(OLD, "AssumeRole"), errors.CredentialsExpired),
        (botocore.exceptions.ClientError(SAID, "AssumeRole"), errors.CredentialsRefused),
        (
            botocore.exceptions.CredentialRetrievalError(provider="process", error_msg="exit 1"),
            errors.CredentialsRefused,
        ),
        (botocore.exceptions.NoRegionError(), errors.RegionUnavailable),
        (botocore.exceptions.InvalidRegionError(region_name="eu west"), errors.RegionUnavailable),
        (
            botocore.exceptions.EndpointConnectionError(endpoint_url="https://x"),
            errors.EndpointUnreachable,
        ),
        (ValueError("Invalid endpoint: localhost:1"), errors.EndpointWrong),
    ],
    ids=lambda one: getattr(one, "__name__", type(one).__name__),
)
def test_what_keeps_a_call_from_being_made(error, kind):
    ours = failed("ec2:DescribeVpcs", error)
    assert type(ours) is kind
    assert ours.remediation
    assert ours.cause
