"""What the layers are for: a deployment's resources under faults, none lost and none doubled."""

from __future__ import annotations

from collections import Counter

import pytest

from autodeploy.errors import AutodeployError, NameTaken
from autodeploy.lab import record

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Exception.*does not match")]

MAKES = [
    *("ec2:CreateVpc", "ec2:CreateInternetGateway", "ec2:AttachInternetGateway"),
    *("ec2:CreateSubnet", "ec2:CreateRouteTable", "ec2:CreateRoute"),
    *("ec2:AssociateRouteTable", "ec2:CreateSecurityGroup", "ec2:AuthorizeSecurityGroupIngress"),
    *("ec2:ImportKeyPair", "ec2:RunInstances", "rds:CreateDBSubnetGroup"),
    *("secretsmanager:CreateSecret", "rds:CreateDBInstance"),
]
REMOVES = [
    *("ec2:TerminateInstances", "ec2:DeleteKeyPair", "ec2:DeleteSecurityGroup"),
    *("ec2:RevokeSecurityGroupIngress", "ec2:DeleteRouteTable", "ec2:DisassociateRouteTable"),
    *("ec2:DeleteSubnet", "ec2:DetachInternetGateway", "ec2:DeleteInternetGateway"),
    *("ec2:DeleteVpc", "rds:ModifyDBInstance", "rds:DeleteDBInstance", "rds:DeleteDBSubnetGroup"),
    "secretsmanager:DeleteSecret",
]
WHOLE = {
    "AWS::EC2::VPC": 1,
    "AWS::EC2::InternetGateway": 1,
    "AWS::EC2::Subnet": 4,
    "AWS::EC2::RouteTable": 2,
    "AWS::EC2::SecurityGroup": 2,
    "AWS::EC2::KeyPair": 1,
    "AWS::EC2::Instance": 1,
    "AWS::EC2::Volume": 1,
    "AWS::RDS::DBSubnetGroup": 1,
    "AWS::RDS::DBInstance": 1,
    "AWS::SecretsManager::Secret": 2,  # ours, and the one that RDS keeps for the master
}
LEFT = {"AWS::RDS::DBSnapshot": 1}
NOT_THERE = "ResourceNotFoundException"
"""What Secrets Manager answers to the question for a secret that is not made yet."""


def plan(api, action, kind, **more):
    api.admin("POST", "faults", {"action": action, "kind": kind, **more})


def there(api):
    """What exists by kind; but for automated snapshots, which moto makes and RDS by itself."""
    found = api.admin("GET", "snapshot")
    return Counter(one["kind"] for one in found if not one["id"].startswith("rds:"))


def met(api, error):
    return sum(one.error == error for one in record.read(api.record))


def until_done(step, attempts=5):
    """A deployment that ended with an error is begun again, as its user would."""
    for _ in range(attempts - 1):
        try:
            return step()
        except AutodeployError:
            continue
    return step()


@pytest.mark.parametrize("action", MAKES)
@pytest.mark.parametrize("kind", ["dropped-response", "connection-reset", "internal-error"])
def test_a_fault_in_any_creation_loses_and_doubles_nothing(api, controller, action, kind):
    plan(api, action, kind, nth=1)
    until_done(controller.provision)
    assert there(api) == WHOLE
    assert [one for one in record.read(api.record) if one.error not in (None, NOT_THERE)]
    assert not controller.plan().changes


@pytest.mark.parametrize("action", REMOVES)
def test_a_dropped_response_in_any_deletion_leaves_nothing(api, controller, action):
    controller.provision()
    plan(api, action, "dropped-response", nth=1)
    until_done(controller.destroy)
    assert there(api) == LEFT
    assert met(api, "ConnectionCut") == 1


@pytest.mark.parametrize("seed", range(2))
def test_throttling_all_the_time_is_lived_through(api, controller, seed):
    plan(api, "*:*", "throttling", probability=0.1, seed=seed)
    until_done(controller.provision)
    assert there(api) == WHOLE
    until_done(controller.destroy)
    assert there(api) == LEFT
    assert met(api, "RequestLimitExceeded") > 0


def test_what_is_not_found_at_once_is_waited_for_and_not_made_again(api, controller):
    slow = {"vpc": 3, "subnet": 3, "instance": 5, "db-instance": 5}
    api.admin("POST", "delays", {"visible": 12, **slow})
    api.clock.step = 1
    until_done(controller.provision)
    assert there(api) == WHOLE
    assert any((one.error or "").endswith(".NotFound") for one in record.read(api.record))


def test_a_database_takes_its_time_to_come_and_to_go(api, controller):
    api.admin("POST", "delays", {"db-instance": 4})
    api.clock.step = 1
    controller.provision()
    controller.destroy()
    assert there(api) == LEFT


def test_a_subnet_group_of_that_name_that_is_not_ours_is_left(api, controller):
    zones = api.client("ec2").describe_subnets()["Subnets"]
    api.client("rds").create_db_subnet_group(
        DBSubnetGroupName=controller.owner.short_name,
        DBSubnetGroupDescription="another's",
        SubnetIds=[one["SubnetId"] for one in zones],
    )
    with pytest.raises(NameTaken):
        controller.provision()
    controller.destroy()
    assert there(api) == {"AWS::RDS::DBSubnetGroup": 1}
