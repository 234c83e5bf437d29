"""Quotas that are told, set and enforced; faults that look at what is asked for."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from autodeploy.aws import Cloud
from autodeploy.errors import AccessDenied, QuotaExceeded
from autodeploy.lab.api.strict import quotas

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Exception.*does not match")]

RUN = {"ImageId": "ami-0deb1200000000012", "MinCount": 1, "MaxCount": 1}


def code(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def setting(api, **values):
    return api.admin(
        "POST", "quotas", {name.replace("_", "-"): one for name, one in values.items()}
    )


def test_vpcs_are_counted_and_the_default_one_is_one(api):
    ec2 = api.client("ec2")
    setting(api, L_F678F1CE=2)
    assert code(ec2.create_vpc, CidrBlock="10.0.0.0/16") is None
    assert code(ec2.create_vpc, CidrBlock="10.1.0.0/16") == "VpcLimitExceeded"
    setting(api, L_F678F1CE=3)
    assert code(ec2.create_vpc, CidrBlock="10.1.0.0/16") is None


def test_threads_of_running_instances_are_counted(api):
    ec2 = api.client("ec2")
    setting(api, L_1216C47A=6)
    (first,) = ec2.run_instances(**RUN, InstanceType="t3.xlarge")["Instances"]
    assert code(ec2.run_instances, **RUN, InstanceType="t3.xlarge") == "VcpuLimitExceeded"
    assert code(ec2.run_instances, **RUN, InstanceType="t3.small") is None
    assert code(ec2.run_instances, **RUN, InstanceType="t3.small") == "VcpuLimitExceeded"
    assert code(ec2.run_instances, **RUN, InstanceType="g4dn.xlarge") is None
    ec2.terminate_instances(InstanceIds=[first["InstanceId"]])
    assert code(ec2.run_instances, **{**RUN, "MaxCount": 2}, InstanceType="t3.small") is None


def test_a_call_that_is_repeated_with_its_token_is_not_counted_again(api):
    ec2 = api.client("ec2")
    setting(api, L_1216C47A=2)
    same = {**RUN, "InstanceType": "t3.small", "ClientToken": "one"}
    assert code(ec2.run_instances, **same) is None
    assert code(ec2.run_instances, **same) is None


def test_what_is_set_is_told_and_forgotten_at_a_new_beginning(api):
    told = api.client("service-quotas").get_service_quota
    setting(api, L_7B6409FD=3)
    assert told(ServiceCode="rds", QuotaCode="L-7B6409FD")["Quota"]["Value"] == 3
    api.admin("POST", "reset")
    before = quotas.QUOTAS["L-7B6409FD"].value
    assert told(ServiceCode="rds", QuotaCode="L-7B6409FD")["Quota"]["Value"] == before


@pytest.mark.parametrize("said", [{"L-00000000": 1}, {"L-F678F1CE": -1}, {"L-F678F1CE": "many"}, 5])
def test_what_is_no_quota_is_refused(api, said):
    with pytest.raises(AssertionError, match="quotas"):
        api.admin("POST", "quotas", said)


def test_our_error_tells_the_quotas_value(api):
    setting(api, L_F678F1CE=1)
    with pytest.raises(QuotaExceeded) as caught:
        Cloud(region="us-east-1", endpoint_url=api.url).ec2().create_vpc(CidrBlock="10.0.0.0/16")
    assert "VPCs per Region, L-F678F1CE): it is 1" in caught.value.message
    assert "quotas/L-F678F1CE" in caught.value.remediation


def test_our_error_says_what_an_encoded_message_holds(api):
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    denied = {"Effect": "Deny", "Action": "ec2:CreateTags", "Resource": "*"}
    api.admin("POST", "policy", {"Statement": [everything, denied]})
    cloud = Cloud(region="us-east-1", endpoint_url=api.url)
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]
    with pytest.raises(AccessDenied) as caught:
        cloud.ec2().create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags)
    assert "ec2:CreateTags on arn:aws:ec2:us-east-1:" in caught.value.message
    assert "no other outweighs that" in caught.value.remediation
    assert [one.action for one in cloud.calls] == [
        "ec2:CreateVpc",
        "sts:DecodeAuthorizationMessage",
    ]


def test_an_encoded_message_that_nobody_may_decode_leaves_the_error_as_it_is(api):
    api.admin("POST", "policy", {"Statement": []})
    with pytest.raises(AccessDenied) as caught:
        Cloud(region="us-east-1", endpoint_url=api.url).ec2().describe_vpcs()
    assert caught.value.action == "ec2:DescribeVpcs"
    assert '"Action": ["ec2:DescribeVpcs"]' in caught.value.remediation


def test_a_fault_strikes_only_calls_with_its_parameters(api):
    ec2 = api.client("ec2")
    subnets = {
        one["AvailabilityZone"]: one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]
    }
    when = {"InstanceType": "t3.small", "AvailabilityZone": "us-east-1a"}
    fault = {"action": "ec2:RunInstances", "kind": "no-capacity", "when": when}
    api.admin("POST", "faults", fault)
    a, b = subnets["us-east-1a"], subnets["us-east-1b"]
    no_room = "InsufficientInstanceCapacity"
    assert code(ec2.run_instances, **RUN, SubnetId=a, InstanceType="t3.small") == no_room
    assert code(ec2.run_instances, **RUN, SubnetId=b, InstanceType="t3.small") is None
    assert code(ec2.run_instances, **RUN, SubnetId=a, InstanceType="t3a.small") is None


def test_calls_that_a_fault_does_not_look_at_are_not_counted(api):
    ec2 = api.client("ec2")
    fault = {"action": "ec2:RunInstances", "kind": "unsupported", "nth": 2}
    api.admin("POST", "faults", {**fault, "when": {"InstanceType": "t3.small"}})
    small, large = {"InstanceType": "t3.small"}, {"InstanceType": "t3.large"}
    found = [code(ec2.run_instances, **RUN, **one) for one in (small, large, small, large)]
    assert found == [None, None, "Unsupported", None]
