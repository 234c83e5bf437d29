"""What the layers in front of moto add, as boto3 sees it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from botocore.exceptions import ClientError
from moto.core import DEFAULT_ACCOUNT_ID

import strictkit
from autodeploy.lab import record
from autodeploy.lab.api import redaction
from autodeploy.lab.api.strict import lifecycles
from autodeploy.lab.api.strict.account import Account

pytestmark = pytest.mark.slow

IMAGE = "ami-0deb1200000000012"
RUN = {"ImageId": IMAGE, "MinCount": 1, "MaxCount": 1}
FAST = {"Delay": 0, "MaxAttempts": 40}
PASSWORD = "not-a-secret-1"
DATABASE = {
    "DBInstanceIdentifier": "shop",
    "DBInstanceClass": "db.t4g.micro",
    "Engine": "postgres",
    "MasterUsername": "shop",
    "MasterUserPassword": PASSWORD,
    "AllocatedStorage": 20,
}


def instances(ec2):
    found = ec2.describe_instances()["Reservations"]
    return [one for each in found for one in each["Instances"]]


def network(ec2):
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    zones = {"us-east-1a": "10.0.1.0/24", "us-east-1b": "10.0.2.0/24"}
    return [
        ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for zone, cidr in zones.items()
    ]


def code(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    return raised.value.response["Error"]["Code"]


def test_calls_at_once_with_one_token_make_one_instance(api):
    ec2 = api.client("ec2")
    with ThreadPoolExecutor(8) as pool:
        runs = [pool.submit(ec2.run_instances, **RUN, ClientToken="one") for _ in range(16)]
        made = {run.result()["Instances"][0]["InstanceId"] for run in runs}
    assert {one["InstanceId"] for one in instances(ec2)} == made
    assert len(made) == 1


def test_calls_at_once_with_many_tokens_make_as_many(api):
    ec2 = api.client("ec2")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: ec2.run_instances(**RUN, ClientToken=str(n % 5)), range(20)))
    assert len(instances(ec2)) == 5


def test_load_balancers_of_one_name_at_once_are_one(api):
    subnets, elbv2 = network(api.client("ec2")), api.client("elbv2")
    with ThreadPoolExecutor(8) as pool:
        made = list(
            pool.map(lambda _: elbv2.create_load_balancer(Name="shop", Subnets=subnets), range(8))
        )
    assert len({one["LoadBalancers"][0]["LoadBalancerArn"] for one in made}) == 1
    assert len(elbv2.describe_load_balancers()["LoadBalancers"]) == 1


def test_a_repeated_call_tells_the_state_of_today(api):
    ec2 = api.client("ec2")
    made = ec2.run_instances(**RUN, ClientToken="one")["Instances"][0]
    ec2.stop_instances(InstanceIds=[made["InstanceId"]])
    again = ec2.run_instances(**RUN, ClientToken="one")["Instances"][0]
    assert again["InstanceId"] == made["InstanceId"]
    assert again["State"] == {"Code": 80, "Name": "stopped"}


@pytest.mark.parametrize("seconds", [0, 30])
def test_botos_own_waiters_see_networks_and_instances_come_and_go(api, seconds):
    api.admin("POST", "delays", {"vpc": seconds, "subnet": seconds, "instance": seconds})
    api.clock.step = 1
    ec2 = api.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]
    assert vpc["State"] == ("pending" if seconds else "available")
    ec2.get_waiter("vpc_available").wait(VpcIds=[vpc["VpcId"]], WaiterConfig=FAST)
    subnet = ec2.create_subnet(VpcId=vpc["VpcId"], CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    ec2.get_waiter("subnet_available").wait(SubnetIds=[subnet], WaiterConfig=FAST)
    (made,) = ec2.run_instances(**RUN, SubnetId=subnet)["Instances"]
    ids = {"InstanceIds": [made["InstanceId"]], "WaiterConfig": FAST}
    assert made["State"]["Name"] == "pending"
    ec2.get_waiter("instance_running").wait(**ids)
    ec2.get_waiter("instance_status_ok").wait(**ids)
    ended = ec2.terminate_instances(InstanceIds=ids["InstanceIds"])["TerminatingInstances"][0]
    if seconds:
        assert ended["CurrentState"] == {"Code": 32, "Name": "shutting-down"}
        assert instances(ec2)[0]["State"]["Name"] == "shutting-down"
    ec2.get_waiter("instance_terminated").wait(**ids)


@pytest.mark.parametrize("seconds", [0, 30])
def test_botos_own_waiters_see_databases_come_and_go(api, seconds):
    api.admin("POST", "delays", {"db-instance": seconds})
    api.clock.step = 1
    rds = api.client("rds")
    made = rds.create_db_instance(**DATABASE)["DBInstance"]
    name = {"DBInstanceIdentifier": "shop"}
    if seconds:
        assert made["DBInstanceStatus"] == "creating"
        delete = {**name, "FinalDBSnapshotIdentifier": "too-early"}
        assert code(rds.delete_db_instance, **delete) == "InvalidDBInstanceState"
        modify = {**name, "AllocatedStorage": 40}
        assert code(rds.modify_db_instance, **modify) == "InvalidDBInstanceState"
        snapshot = {**name, "DBSnapshotIdentifier": "one"}
        assert code(rds.create_db_snapshot, **snapshot) == "InvalidDBInstanceState"
    rds.get_waiter("db_instance_available").wait(**name, WaiterConfig=FAST)
    rds.delete_db_instance(**name, SkipFinalSnapshot=True)
    if seconds:
        (found,) = rds.describe_db_instances(**name)["DBInstances"]
        assert found["DBInstanceStatus"] == "deleting"
        assert code(rds.create_db_instance, **DATABASE) == "DBInstanceAlreadyExists"
    rds.get_waiter("db_instance_deleted").wait(**name, WaiterConfig=FAST)


@pytest.mark.parametrize("seconds", [0, 30])
def test_botos_own_waiters_see_a_load_balancer_come_and_go(api, seconds):
    subnets, elbv2 = network(api.client("ec2")), api.client("elbv2")
    api.admin("POST", "delays", {"load-balancer": seconds})
    api.clock.step = 1
    (made,) = elbv2.create_load_balancer(Name="shop", Subnets=subnets)["LoadBalancers"]
    arns = {"LoadBalancerArns": [made["LoadBalancerArn"]]}
    assert made["State"]["Code"] == "provisioning"
    elbv2.get_waiter("load_balancer_available").wait(**arns, WaiterConfig=FAST)
    elbv2.delete_load_balancer(LoadBalancerArn=made["LoadBalancerArn"])
    elbv2.get_waiter("load_balancers_deleted").wait(**arns, WaiterConfig=FAST)


def test_what_is_there_sooner_is_not_there_before_its_time(api):
    """A host boots in a second; EC2's takes as long as was set."""
    api.admin("POST", "delays", {"instance": 30, "db-instance": 300})
    ec2, rds = api.client("ec2"), api.client("rds")
    ec2.run_instances(**RUN)
    rds.create_db_instance(**DATABASE)
    account = Account(DEFAULT_ACCOUNT_ID, strictkit.REGION)
    lifecycles.enter(next(account.instances()), "running")
    lifecycles.enter(account.database("shop"), "available")

    def states():
        (database,) = rds.describe_db_instances()["DBInstances"]
        return instances(ec2)[0]["State"]["Name"], database["DBInstanceStatus"]

    assert states() == ("pending", "creating")
    api.clock.now += 30
    assert states() == ("running", "creating")
    api.clock.now += 270
    assert states() == ("running", "available")


def test_a_terminated_instance_is_seen_for_an_hour(api):
    ec2 = api.client("ec2")
    (made,) = ec2.run_instances(**RUN)["Instances"]
    ec2.terminate_instances(InstanceIds=[made["InstanceId"]])
    assert instances(ec2)[0]["State"]["Name"] == "terminated"
    api.clock.now += 3599
    assert len(instances(ec2)) == 1
    api.clock.now += 1
    assert instances(ec2) == []
    gone = {"InstanceIds": [made["InstanceId"]]}
    assert code(ec2.describe_instances, **gone) == "InvalidInstanceID.NotFound"


def test_what_was_just_made_is_not_found_for_as_long_as_was_set(api):
    api.admin("POST", "delays", {"visible": 5})
    ec2 = api.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    assert code(ec2.describe_vpcs, VpcIds=[vpc]) == "InvalidVpcID.NotFound"
    assert code(ec2.create_subnet, VpcId=vpc, CidrBlock="10.0.0.0/24") == "InvalidVpcID.NotFound"
    assert vpc not in {one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"]}
    api.clock.now += 5
    assert vpc in {one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"]}
    (made,) = ec2.run_instances(**RUN)["Instances"]
    assert ec2.describe_instances()["Reservations"] == []
    tags = {"Resources": [made["InstanceId"]], "Tags": [{"Key": "a", "Value": "b"}]}
    assert code(ec2.create_tags, **tags) == "InvalidInstanceID.NotFound"
    api.clock.now += 5
    ec2.create_tags(**tags)
    assert instances(ec2)[0]["Tags"] == tags["Tags"]


@pytest.mark.parametrize("said", [{"nothing": 1}, {"vpc": -1}, {"vpc": "long"}, [1]])
def test_delays_that_cannot_be_are_refused(api, said):
    with pytest.raises(AssertionError, match="delays"):
        api.admin("POST", "delays", said)


def test_the_record_tells_what_was_asked_and_no_secret(api):
    ec2, rds = api.client("ec2"), api.client("rds")
    ec2.run_instances(**RUN, UserData="#!/bin/sh\nexport KEY=hunter2\n", ClientToken="one")
    rds.create_db_instance(**DATABASE)
    secret = {"Name": "shop", "SecretString": "hunter3"}
    api.client("secretsmanager").create_secret(**secret)
    api.client("ssm").put_parameter(Name="/a", Value="hunter4", Type="SecureString")
    code(ec2.describe_vpcs, VpcIds=["vpc-0123456789abcdef0"])
    written = api.record.read_text()
    assert not [one for one in ("hunter", PASSWORD, "IyEvYmlu") if one in written]
    run, create, *_, describe = record.read(api.record)
    assert (run.action, run.error, run.status) == ("ec2:RunInstances", None, 200)
    assert run.parameters["ImageId"] == IMAGE
    assert run.parameters["UserData"] == "***"
    assert run.parameters["ClientToken"] == "one"
    assert create.parameters["MasterUserPassword"] == "***"
    assert describe.error == "InvalidVpcID.NotFound"
    assert describe.parameters == {"VpcIds": ["vpc-0123456789abcdef0"]}
    assert run.milliseconds > 0
    assert isinstance(run.time, datetime)
    assert all(one.request_id for one in (run, create, describe))


def test_values_below_a_secret_name_are_hidden_and_harmless_ones_are_not():
    asked = {"UserData": {"Value": b"x"}, "NextToken": "page", "SessionToken": "x", "MinCount": 1}
    hidden = {"UserData": "***", "NextToken": "page", "SessionToken": "***", "MinCount": 1}
    assert redaction.redacted("ec2:ModifyInstanceAttribute", asked) == hidden


def test_a_snapshot_tells_everything_and_reset_takes_it_away(api):
    ec2 = api.client("ec2")
    assert ec2.describe_vpcs()["Vpcs"], "the default VPC is AWS's"
    before = api.admin("GET", "snapshot")
    subnets = network(ec2)
    tags = [{"Key": "Name", "Value": "web"}]
    group = ec2.create_security_group(GroupName="web", Description="web")["GroupId"]
    spec = [{"ResourceType": "instance", "Tags": tags}]
    (made,) = ec2.run_instances(**RUN, SubnetId=subnets[0], TagSpecifications=spec)["Instances"]
    api.client("elbv2").create_load_balancer(Name="shop", Subnets=subnets)
    api.client("rds").create_db_instance(**DATABASE, DeletionProtection=True)
    api.client("secretsmanager").create_secret(Name="shop", SecretString="x")
    api.client("acm").request_certificate(DomainName="shop.example.org")
    api.client("ssm").put_parameter(Name="/a", Value="b", Type="String")
    role = {"RoleName": "shop", "AssumeRolePolicyDocument": "{}"}
    api.client("iam").create_role(**role)
    found = api.admin("GET", "snapshot")
    kinds = {one["kind"].removeprefix("AWS::") for one in found}
    assert kinds >= {
        *("EC2::VPC", "EC2::Subnet", "EC2::InternetGateway", "EC2::SecurityGroup"),
        *("EC2::Instance", "EC2::Volume", "RDS::DBInstance", "SecretsManager::Secret"),
        *("ElasticLoadBalancingV2::LoadBalancer", "CertificateManager::Certificate"),
        *("SSM::Parameter", "IAM::Role"),
    }
    assert group in {one["id"] for one in found}
    (instance,) = [one for one in found if one["kind"] == "AWS::EC2::Instance"]
    assert instance["id"] == made["InstanceId"]
    assert instance["tags"] == {"Name": "web"}
    api.admin("POST", "reset")
    assert api.admin("GET", "snapshot") == before == []
    assert made["InstanceId"] in api.machines.destroyed
    assert not api.record.exists()


def test_what_is_made_and_taken_away_leaves_no_trace_in_a_snapshot(api):
    ec2 = api.client("ec2")
    before = api.admin("GET", "snapshot")
    (made,) = ec2.run_instances(**RUN)["Instances"]
    ec2.terminate_instances(InstanceIds=[made["InstanceId"]])
    assert api.admin("GET", "snapshot") == before
