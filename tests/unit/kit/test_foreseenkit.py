"""The comparison that lab tests make of a prediction and AWS's records can fail."""

from __future__ import annotations

from dataclasses import fields

import pytest

import foreseenkit
from autodeploy.provisioner.kinds import KINDS

SUBSCRIPTION = "AWS::SNS::Subscription"
IDS = {"vpc": "vpc-1", "subnet-a": "subnet-1"}
SUBNET = {
    "key": "subnet-a",
    "type": "AWS::EC2::Subnet",
    "action": "create",
    "properties": {"vpc": "vpc", "cidr": "10.0.0.0/20", "zone": "a"},
}
RECORD = {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/20", "AvailabilityZone": "a"}


@pytest.mark.parametrize("kind", [one for one in KINDS if one.type != SUBSCRIPTION])
def test_every_field_of_every_kind_is_compared_or_named(kind):
    known = foreseenkit.KINDS[kind.type]
    assert {
        one.name for one in fields(kind)
    } - kind.unsaid == known.fields.keys() | known.undescribed


@pytest.mark.parametrize(
    ("record", "properties", "told"),
    [
        ({}, {}, []),
        ({"CidrBlock": "10.0.16.0/20"}, {}, ["subnet-a.cidr: "]),
        ({"VpcId": "vpc-2"}, {"zone": "b"}, ["subnet-a.vpc: ", "subnet-a.zone: "]),
        ({}, {"more": 1}, ["subnet-a: fields "]),
        ({"VpcId": "vpc-2"}, {"vpc": "somebody's"}, []),
    ],
)
def test_what_is_otherwise_is_told(monkeypatch, record, properties, told):
    kind = foreseenkit.KINDS[SUBNET["type"]]
    fake = kind._replace(ask=lambda ids: {one: {**RECORD, **record} for one in ids})
    monkeypatch.setitem(foreseenkit.KINDS, SUBNET["type"], fake)
    one = {**SUBNET, "properties": {**SUBNET["properties"], **properties}}
    found = sorted(foreseenkit.differing([one], IDS))
    assert [line[: len(begin)] for line, begin in zip(found, told, strict=True)] == told
