"""The kit for tests on a real account, on the lab's: it finds everything, and leaves nothing."""

from __future__ import annotations

import pytest

import awskinds
import awskit
from autodeploy.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Exception.*does not match")]


@pytest.fixture
def made(api, controller):
    """A deployment with a database, and things that are not its."""
    databases = ("postgresql", "redis")
    controller.stack = controller.stack.model_copy(update={"databases": databases})
    controller.settings = Settings(target="lab", alarms=("ops@example.com",))
    spec = controller.provision()
    ec2, elb = api.client("ec2"), api.client("elbv2")
    foreign = ec2.create_vpc(CidrBlock="172.31.0.0/16")["Vpc"]["VpcId"]
    ids = {one.key: one.id for one in spec.resources}
    tags = controller.owner.tags("load-balancer")
    elb.create_load_balancer(
        Name="shop", Subnets=[ids["subnet-public-a"], ids["subnet-public-b"]], Tags=tags
    )
    elb.create_target_group(Name="shop", Protocol="HTTP", Port=80, VpcId=ids["vpc"], Tags=tags)
    api.client("acm").request_certificate(DomainName="shop.example.org", Tags=tags)
    rds = api.client("rds")
    rds.create_db_snapshot(DBInstanceIdentifier=ids["database"], DBSnapshotIdentifier="kept")
    return spec, foreign


def test_everything_that_is_ours_is_found(api, controller, made):
    spec, foreign = made
    found = awskit.left(api.client, "production")
    assert {one.type for one in spec.resources} - {"AWS::SNS::Subscription"} <= {
        one.kind for one in found
    }
    untagged = {"AWS::EC2::NetworkInterface"}  # moto does not tag those of instances
    assert {one.kind for one in found} == set(awskinds.KINDS) - untagged
    assert {one.application for one in found} == {controller.application}
    assert foreign not in {one.id for one in found}
    assert awskit.left(api.client, awskit.ENVIRONMENT) == []


def test_a_sweep_leaves_what_is_not_ours(api, made):
    _spec, foreign = made
    awskit.sweep(api.client, "production", pause=0)
    assert awskit.left(api.client, "production") == []
    there = [one for one in api.admin("GET", "snapshot") if one["kind"] != "AWS::EC2::KeyPair"]
    assert [one["id"] for one in there] == [foreign]


def test_another_environment_is_not_swept(api, made):
    before = awskit.left(api.client, "production")
    awskit.sweep(api.client, awskit.ENVIRONMENT, pause=0)
    assert awskit.left(api.client, "production") == before


def test_a_run_is_estimated_dearer_than_it_is():
    planned = [{"type": "AWS::EC2::Instance"}, {"type": "AWS::EC2::VPC"}]
    assert awskit.estimate(planned) == pytest.approx(0.225)
    assert awskit.estimate([*planned, {"type": "AWS::RDS::DBInstance"}]) == pytest.approx(0.45)
