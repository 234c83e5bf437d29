"""What is tried where AWS has no room; AWS's own table of types is the oracle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.ec2.models.instance_types import INSTANCE_TYPES

from autodeploy.aws.errors import refused
from autodeploy.provisioner.capacity import (
    MOST_TYPES,
    Attempt,
    advice,
    after,
    attempts,
    candidates,
    comparable,
    given_up,
)
from autodeploy.provisioner.sizing import LADDERS

NO_ROOM = refused("ec2:RunInstances", "InsufficientInstanceCapacity", "no room")
NOT_HERE = refused("ec2:RunInstances", "Unsupported", "not supported in your zone")
NO_TYPE = refused("ec2:RunInstances", "InvalidParameterValue", "Invalid value for InstanceType.")
LADDER = [kind for ladder in LADDERS.values() for kind, _ in ladder]
A, B = "subnet-public-a", "subnet-public-b"


def size(kind):
    known = INSTANCE_TYPES[kind]
    return known["MemoryInfo"]["SizeInMiB"], known["VCpuInfo"]["DefaultVCpus"]


def architectures(kind):
    return set(INSTANCE_TYPES[kind]["ProcessorInfo"]["SupportedArchitectures"])


@pytest.mark.parametrize("wanted", LADDER)
def test_what_stands_for_a_type_is_of_its_architecture_and_no_smaller(wanted):
    found = comparable(wanted)
    assert found[0] == wanted
    assert 2 <= len(found) <= MOST_TYPES
    assert len(set(found)) == len(found)
    for one in found:
        assert architectures(one) >= architectures(wanted)
        assert all(mine >= other for mine, other in zip(size(one), size(wanted), strict=True))
        assert size(one)[0] <= 2 * size(wanted)[0]


@pytest.mark.parametrize("wanted", ["c7i.large", "t3.nano", "t2.medium", "m6i.large", "nonsense"])
def test_a_type_that_is_not_of_the_ladder_stands_alone(wanted):
    assert comparable(wanted) == (wanted,)


def test_every_zone_comes_before_another_type():
    found = attempts("t3.small", [B, A], flexible=True)
    assert found[:3] == (Attempt("t3.small", B), Attempt("t3.small", A), Attempt("t3a.small", B))
    assert len(found) == 2 * len(comparable("t3.small"))


def test_a_type_that_the_user_chose_is_moved_and_never_replaced():
    found = attempts("t3.small", [A, B], flexible=False)
    assert found == (Attempt("t3.small", A), Attempt("t3.small", B))


@given(
    wanted=st.sampled_from([*LADDER, "c7i.large"]),
    flexible=st.booleans(),
    refusals=st.lists(st.sampled_from([NO_ROOM, NOT_HERE, NO_TYPE]), min_size=20, max_size=20),
)
def test_nothing_is_tried_twice_and_it_ends(wanted, flexible, refusals):
    left = attempts(wanted, [A, B], flexible=flexible)
    everything, tried, dead = set(left), [], set()
    for refusal in refusals:
        if not left:
            break
        one, *rest = left
        assert one.instance_type not in dead
        tried.append(one)
        dead |= {one.instance_type} if refusal is NO_TYPE else set()
        left = after(one, rest, refusal)
    assert left == ()
    assert len(set(tried)) == len(tried)
    skipped = everything - set(tried)
    assert {one.instance_type for one in skipped} <= dead


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("VcpuLimitExceeded", "You have requested more vCPU capacity"),
        ("UnauthorizedOperation", ""),
        ("InvalidAMIID.NotFound", ""),
        ("RequestLimitExceeded", ""),
    ],
)
def test_other_refusals_are_not_answered_with_another_type(code, message):
    first, *rest = attempts("t3.small", [A, B], flexible=True)
    assert after(first, rest, refused("ec2:RunInstances", code, message)) == ()


def test_what_is_asked_for_where_a_type_is_not_to_be_had():
    assert candidates("t3.small", "amd64") == comparable("t3.small")
    assert candidates("t9.small", "arm64")[:2] == ("t9.small", "t4g.micro")


@pytest.mark.parametrize(
    ("offers", "says"),
    [
        ({}, None),
        ({"t3.small": ["r1a"]}, ["t3.small is offered in r1a", "--vpc-id"]),
        ({"t3a.small": ["r1a"], "t3.medium": ["r1b"]}, ["--instance-type", "t3a.small, t3.medium"]),
        ({"t3.small": ["r1b", "r1a"], "t3a.small": ["r1a"]}, ["r1a, r1b", "has t3a.small"]),
    ],
)
def test_advice_names_what_the_region_has(offers, says):
    found = advice("t3.small", offers)
    assert (found is None) == (says is None)
    for part in says or ():
        assert part in found


def test_giving_up_names_what_was_tried():
    tried = attempts("t3.small", [A, B], flexible=False)
    error = given_up(NO_ROOM, tried, None)
    assert "tried t3.small in subnet-public-a, subnet-public-b" in error.message
    assert (error.code, error.cause) == (NO_ROOM.code, NO_ROOM.cause)
    assert error.remediation == type(NO_ROOM).default_remediation
