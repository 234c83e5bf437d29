"""Properties 43 and 44: a first deployment that is undone leaves nothing, whatever was there."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

import awskinds
import moto_api
import storykit
from autodeploy.contracts import DeploymentStatus

pytestmark = [pytest.mark.property, pytest.mark.slow]

KEYS = (
    *("vpc", "internet-gateway", "subnet-public-a", "subnet-public-b", "subnet-private-a"),
    *("subnet-private-b", "route-table-public", "route-table-private", "security-group-app"),
    *("security-group-lb", "security-group-db", "key-pair", "host-1", "host-2", "database"),
    *("database-secret", "database-subnet-group", "load-balancer", "target-group"),
    *("alarm-topic", "alarm-host-1", "alarm-host-2", "alarm-latency"),
)
wanted = st.fixed_dictionaries(
    {
        "hosts": st.integers(1, 2),
        "database": st.sampled_from([True, False, False]),
        "load_balancer": st.booleans(),
        "alarms": st.sampled_from([(), ("ops@example.com",)]),
    }
)
failures = st.tuples(st.sampled_from([*storykit.AGENTS, "killed", "none"]), st.integers(1, 45))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with storykit.world(tmp_path_factory.mktemp("nothing")) as one:
        foreign = moto_api.client().create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
        moto_api.client().create_subnet(VpcId=foreign, CidrBlock="10.99.1.0/24")
        moto_api.client().create_key_pair(KeyName="theirs")
        yield one


def left(world):
    """What is there beside what others have."""
    there = Counter(moto_api.counts())
    there.subtract({"AWS::EC2::VPC": 1, "AWS::EC2::Subnet": 1, "AWS::EC2::KeyPair": 1})
    return {kind: count for kind, count in there.items() if count}


def undone(world, state):
    """The state after a rollback, and what is left of the account."""
    end = world.rollback()
    assert (end.id, end.status, end.error) == (state.id, DeploymentStatus.ROLLED_BACK, None)
    assert (end.resources, world.known.resources, world.known.hosts) == ((), (), ())
    moto_api.forget_deleted()
    world.forget()
    return left(world)


@given(wanted, failures)
def test_after_any_failed_step_nothing_is_left(world, flags, failure):
    world.breaks, world.call = {failure[0]}, failure[1]
    act = lambda: world.deploy(**flags)  # noqa: E731
    state = world.killed(failure[1], act) if failure[0] == "killed" else act()
    world.breaks = set()
    assert undone(world, state) == {}


@given(wanted, st.sets(st.sampled_from(KEYS)))
def test_whatever_is_gone_already(world, flags, gone):
    """Property 44: people, or another run, have taken a part of it away."""
    state = world.deploy(**flags)
    for one in state.resources:
        if one.key in gone and one.type in awskinds.KINDS:
            with suppress(ClientError):  # What others stand on AWS keeps.
                awskinds.KINDS[one.type].end(moto_api.client, one.id)
    assert undone(world, state) == {}
