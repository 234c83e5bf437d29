"""Calls that go wrong on request, as boto3 sees them."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from autodeploy.aws.errors import is_transient, refused
from autodeploy.errors import AccessDenied, CapacityMissing, CredentialsExpired, QuotaExceeded
from autodeploy.lab import record

# Moto wonders about codes that no model of the service has: AWS's common errors.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Exception.*does not match")]

RUN = {"ImageId": "ami-0deb1200000000012", "MinCount": 1, "MaxCount": 1}


def plan(api, action, kind, **more):
    return api.admin("POST", "faults", {"action": action, "kind": kind, **more})


def running(api):
    return len(api.client("ec2").describe_instances()["Reservations"])


def outcome(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_a_dropped_response_and_botos_own_retry_leave_one_instance(api, mode):
    plan(api, "ec2:RunInstances", "dropped-response", nth=1)
    ec2 = api.client("ec2", attempts=3, mode=mode)
    (made,) = ec2.run_instances(**RUN)["Instances"]
    assert running(api) == 1
    calls = [one for one in record.read(api.record) if one.action == "ec2:RunInstances"]
    assert [one.error for one in calls] == ["ConnectionCut", None]
    assert len({one.parameters["ClientToken"] for one in calls}) == 1
    found = ec2.describe_instances()["Reservations"][0]["Instances"][0]
    assert found["InstanceId"] == made["InstanceId"]


def test_a_dropped_response_was_carried_out(api):
    plan(api, "ec2:RunInstances", "dropped-response")
    with pytest.raises(ConnectionClosedError):
        api.client("ec2").run_instances(**RUN)
    assert running(api) == 1


def test_a_connection_that_is_reset_was_not(api):
    plan(api, "ec2:RunInstances", "connection-reset", nth=1)
    with pytest.raises(ConnectionClosedError, match="Connection"):
        api.client("ec2").run_instances(**RUN)
    assert running(api) == 0
    api.client("ec2", attempts=3).run_instances(**RUN)
    assert running(api) == 1


@pytest.mark.parametrize(
    ("service", "method", "kind", "code"),
    [
        ("ec2", "describe_vpcs", "throttling", "RequestLimitExceeded"),
        ("rds", "describe_db_instances", "throttling", "Throttling"),
        ("elbv2", "describe_load_balancers", "throttling", "Throttling"),
        ("acm", "list_certificates", "throttling", "ThrottlingException"),
        ("secretsmanager", "list_secrets", "throttling", "ThrottlingException"),
        ("ec2", "describe_vpcs", "internal-error", "InternalError"),
        ("iam", "list_roles", "internal-error", "InternalFailure"),
        ("ec2", "describe_vpcs", "unavailable", "Unavailable"),
        ("rds", "describe_db_instances", "unavailable", "ServiceUnavailable"),
        ("s3", "list_buckets", "throttling", "Throttling"),
        ("route53", "list_hosted_zones", "throttling", "Throttling"),
    ],
)
def test_what_passes_is_said_in_the_services_words_and_retried(api, service, method, kind, code):
    plan(api, "*:*", kind, times=1)
    assert outcome(getattr(api.client(service), method)) == code
    assert is_transient(refused("any:Any", code, ""))
    plan(api, "*:*", kind, times=1)
    assert outcome(getattr(api.client(service, attempts=3), method)) is None


@pytest.mark.parametrize(
    ("service", "method", "kind", "code", "ours"),
    [
        ("ec2", "describe_vpcs", "expired-credentials", "RequestExpired", CredentialsExpired),
        ("rds", "describe_db_instances", "expired-credentials", "ExpiredToken", CredentialsExpired),
        ("ssm", "describe_parameters", "expired-credentials", "ExpiredTokenException", None),
        ("ec2", "describe_vpcs", "access-denied", "UnauthorizedOperation", AccessDenied),
        ("elbv2", "describe_load_balancers", "access-denied", "AccessDenied", AccessDenied),
        ("acm", "list_certificates", "access-denied", "AccessDeniedException", AccessDenied),
        ("ec2", "create_internet_gateway", "quota", "InternetGatewayLimitExceeded", QuotaExceeded),
    ],
)
def test_what_lasts_is_said_in_the_services_words(api, service, method, kind, code, ours):
    plan(api, "*:*", kind)
    assert outcome(getattr(api.client(service), method)) == code
    assert ours is None or isinstance(refused("any:Any", code, ""), ours)


def test_capacity_and_quotas_are_each_actions_own(api):
    ec2 = api.client("ec2")
    plan(api, "ec2:RunInstances", "no-capacity", nth=1)
    plan(api, "ec2:RunInstances", "quota", nth=2)
    plan(api, "ec2:CreateVpc", "quota")
    assert outcome(ec2.run_instances, **RUN) == "InsufficientInstanceCapacity"
    assert outcome(ec2.run_instances, **RUN) == "InstanceLimitExceeded"
    assert outcome(ec2.run_instances, **RUN) is None
    assert outcome(ec2.create_vpc, CidrBlock="10.0.0.0/16") == "VpcLimitExceeded"
    raised = refused("ec2:RunInstances", "InsufficientInstanceCapacity", "")
    assert isinstance(raised, CapacityMissing)


def test_the_nth_call_and_no_other_fails(api):
    plan(api, "ec2:DescribeV*", "throttling", nth=3)
    ec2 = api.client("ec2")
    outcomes = [outcome(ec2.describe_vpcs) for _ in range(5)]
    assert [one is None for one in outcomes] == [True, True, False, True, True]
    assert outcome(ec2.describe_subnets) is None


def test_at_most_so_many_fail(api):
    plan(api, "ec2:DescribeVpcs", "throttling", times=2)
    outcomes = [outcome(api.client("ec2").describe_vpcs) for _ in range(4)]
    assert [one is None for one in outcomes] == [False, False, True, True]


def test_a_seed_chooses_the_same_calls_each_time(api):
    def run(seed):
        api.admin("DELETE", "faults")
        plan(api, "ec2:DescribeVpcs", "throttling", probability=0.5, seed=seed)
        return [outcome(api.client("ec2").describe_vpcs) is None for _ in range(16)]

    first = run(1)
    assert run(1) == first
    assert run(2) != first
    assert True in first
    assert False in first


def test_faults_are_listed_and_cleared(api):
    plan(api, "ec2:DescribeVpcs", "throttling")
    (listed,) = api.admin("GET", "faults")
    assert (listed["action"], listed["kind"]) == ("ec2:DescribeVpcs", "throttling")
    api.admin("DELETE", "faults")
    assert api.admin("GET", "faults") == []
    assert outcome(api.client("ec2").describe_vpcs) is None


@pytest.mark.parametrize(
    "said",
    [
        {"action": "RunInstances", "kind": "throttling"},
        {"action": "ec2:RunInstances", "kind": "meteor"},
        {"action": "ec2:RunInstances", "kind": "quota", "nth": 0},
        {"action": "ec2:RunInstances", "kind": "quota", "nth": 1, "probability": 0.5},
        {"action": "ec2:RunInstances"},
        None,
    ],
)
def test_what_is_no_fault_is_refused(api, said):
    with pytest.raises(AssertionError, match="validation error"):
        api.admin("POST", "faults", said)
