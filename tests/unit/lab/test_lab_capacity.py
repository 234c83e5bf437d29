"""A host where AWS has no room for it: in the next zone, then of the next type."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autodeploy.errors import CapacityMissing, QuotaExceeded, TypeNotOffered
from autodeploy.lab import record
from autodeploy.provisioner.keys import Keys
from autodeploy.provisioner.kinds import Instance, Site
from autodeploy.provisioner.observed import observe
from autodeploy.provisioner.patience import Patience
from autodeploy.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Exception.*does not match")]

HOST = Instance(
    key="host-2",
    image="debian-12",
    instance_type="t3.small",
    subnet="subnet-public-a",
    group="security-group-app",
    flexible=True,
)


def plan(api, kind="no-capacity", **when):
    fault = {"action": "ec2:RunInstances", "kind": kind, "when": when}
    api.admin("POST", "faults", fault)


@pytest.fixture
def made(controller):
    """Makes a host in a network that exists; gives it, and the tokens of the attempts."""
    controller.provision()
    observed = observe(controller.cloud, controller.owner)
    site = Site(controller.cloud, controller.owner, Keys(controller.keys), Patience(), observed.ids)

    def make(host=HOST):
        tokens = []
        found = host.create(site, lambda token: tokens.append(token))
        return found, tokens

    return make


def refused(api):
    """How many instances were asked for in vain."""
    calls = record.read(api.record)
    return len([one for one in calls if one.error and one.action == "ec2:RunInstances"])


def where(found):
    return found.record["InstanceType"], found.record["Placement"]["AvailabilityZone"]


def test_the_next_zone_with_a_token_of_its_own(api, made):
    plan(api, AvailabilityZone="us-east-1a")
    found, tokens = made()
    assert where(found) == ("t3.small", "us-east-1b")
    assert len(tokens) == len(set(tokens)) == 2


@pytest.mark.parametrize("kind", ["no-capacity", "unsupported"])
def test_the_next_type_when_no_zone_has_room(api, made, kind):
    plan(api, kind, InstanceType="t3.small")
    found, tokens = made()
    assert where(found) == ("t3a.small", "us-east-1a")
    assert len(set(tokens)) == 3
    assert HOST.drift(found) is None
    ids = {"security-group-app": found.record["SecurityGroups"][0]["GroupId"]}
    assert HOST.lacks(found, ids) == []
    (step,) = replace(HOST, flexible=False).lacks(found, ids)
    assert step.reason.startswith("its type is t3a.small, not t3.small")


def test_the_type_that_the_user_chose_is_not_replaced(api, made):
    plan(api, InstanceType="t3.small")
    with pytest.raises(CapacityMissing) as caught:
        made(replace(HOST, flexible=False))
    assert "tried t3.small in subnet-public-a, subnet-public-b" in caught.value.message
    assert "--instance-type" in caught.value.remediation


def test_it_ends_and_makes_nothing(api, made):
    plan(api)
    before = len(api.client("ec2").describe_instances()["Reservations"])
    with pytest.raises(CapacityMissing, match=r"t3\.small, t3a\.small, t3\.medium, t3a\.medium"):
        made()
    assert len(api.client("ec2").describe_instances()["Reservations"]) == before
    assert refused(api) == 8


def test_a_quota_is_not_answered_with_another_type(api, made):
    api.admin("POST", "quotas", {"L-1216C47A": 3})
    with pytest.raises(QuotaExceeded):
        made()
    assert refused(api) == 1


def test_a_type_that_does_not_exist_is_answered_with_those_that_do(api, controller):
    controller.settings = Settings(target="lab", instance_type="t9.small")
    with pytest.raises(TypeNotOffered) as caught:
        controller.provision()
    assert "the region has t3.micro, t3.small" in caught.value.remediation.lower()
    assert refused(api) == 1


def test_a_type_that_is_elsewhere_is_answered_with_its_zones(api, controller):
    plan(api, "unsupported", InstanceType="t3.large")
    controller.settings = Settings(target="lab", instance_type="t3.large")
    with pytest.raises(TypeNotOffered) as caught:
        controller.provision()
    assert "t3.large is offered in us-east-1a, us-east-1b" in caught.value.remediation


def test_nobody_may_say_which_types_there_are(api, controller):
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    action = "ec2:DescribeInstanceTypeOfferings"
    denied = {"Effect": "Deny", "Action": action, "Resource": "*"}
    api.admin("POST", "policy", {"Statement": [everything, denied]})
    controller.settings = Settings(target="lab", instance_type="t9.small")
    with pytest.raises(TypeNotOffered) as caught:
        controller.provision()
    assert caught.value.remediation == TypeNotOffered.default_remediation
