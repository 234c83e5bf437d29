"""What the layers are for: a deployment's resources under faults, none lost and none doubled."""

from __future__ import annotations

from collections import Counter

import pytest

from autodeploy.errors import AutodeployError
from autodeploy.lab import record

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Exception.*does not match")]

MAKES = [
    *("CreateVpc", "CreateInternetGateway", "AttachInternetGateway", "CreateSubnet"),
    *("ModifySubnetAttribute", "CreateRouteTable", "CreateRoute", "AssociateRouteTable"),
    *("CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "ImportKeyPair", "RunInstances"),
]
REMOVES = [
    *("TerminateInstances", "DeleteKeyPair", "DeleteSecurityGroup", "DeleteRouteTable"),
    *("DisassociateRouteTable", "DeleteSubnet", "DetachInternetGateway"),
    *("DeleteInternetGateway", "DeleteVpc"),
]
WHOLE = {
    "AWS::EC2::VPC": 1,
    "AWS::EC2::InternetGateway": 1,
    "AWS::EC2::Subnet": 4,
    "AWS::EC2::RouteTable": 2,
    "AWS::EC2::SecurityGroup": 1,
    "AWS::EC2::KeyPair": 1,
    "AWS::EC2::Instance": 1,
    "AWS::EC2::Volume": 1,
}


def plan(api, action, kind, **more):
    api.admin("POST", "faults", {"action": f"ec2:{action}", "kind": kind, **more})


def there(api):
    return Counter(one["kind"] for one in api.admin("GET", "snapshot"))


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
    assert len([one for one in record.read(api.record) if one.error]) >= 1
    assert not controller.plan().changes


@pytest.mark.parametrize("action", REMOVES)
def test_a_dropped_response_in_any_deletion_leaves_nothing(api, controller, action):
    controller.provision()
    plan(api, action, "dropped-response", nth=1)
    until_done(controller.destroy)
    assert there(api) == {}
    assert met(api, "ConnectionCut") == 1


@pytest.mark.parametrize("seed", range(2))
def test_throttling_all_the_time_is_lived_through(api, controller, seed):
    plan(api, "*", "throttling", probability=0.1, seed=seed)
    until_done(controller.provision)
    assert there(api) == WHOLE
    until_done(controller.destroy)
    assert there(api) == {}
    assert met(api, "RequestLimitExceeded") > 0


def test_what_is_not_found_at_once_is_waited_for_and_not_made_again(api, controller):
    api.admin("POST", "delays", {"visible": 12, "vpc": 3, "subnet": 3, "instance": 5})
    api.clock.step = 1
    until_done(controller.provision)
    assert there(api) == WHOLE
    assert any((one.error or "").endswith(".NotFound") for one in record.read(api.record))
