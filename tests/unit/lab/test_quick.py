"""A quicker moto says what moto says."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
from moto.core.utils import get_service_model
from moto.ec2.models.tags import TagBackend

from autodeploy.lab.api import quick

VPC, SUBNET, OTHER = "vpc-1", "subnet-1", "subnet-12"


@pytest.fixture
def tagged():
    backend = TagBackend()
    backend.tags.update(
        {VPC: {"Name": "a", "kind": "b"}, SUBNET: {"Name": "a"}, OTHER: {"Name": "c"}}
    )
    return backend


@pytest.mark.parametrize(
    "filters",
    [
        None,
        *({"resource-id": [one]} for one in (VPC, SUBNET, "vpc-none", "subnet-*", "subnet-?")),
        {"resource-id": [VPC, SUBNET]},
        {"resource-id": [SUBNET], "key": ["kind"]},
        {"key": ["Name"], "value": ["a"]},
        {"resource-type": ["subnet"]},
    ],
)
def test_tags_are_moto_s(tagged, filters):
    there = dict(tagged.tags)
    assert quick._tags(tagged, filters) == quick._all_tags(tagged, filters)
    assert tagged.tags == there


class Database:
    Meta = SimpleNamespace(serialization_aliases={"Endpoint": "address"})
    identifier, address, subnet_group = "main", "db.test", "net"


class Other:
    db_instance_identifier, endpoint, db_subnet_group = "other", "o.test", "of"


def test_one_class_s_names_are_not_another_s():
    model = get_service_model("rds").operation_model("DescribeDBInstances")
    shape = model.output_shape.members["DBInstances"].member
    picker = XFormedAttributePicker()
    for key, member in shape.members.items():
        member.parent = shape
        for one in (Database(), Other(), {key: 1}, SimpleNamespace(**{key: 2}), Database()):
            context = AttributePickerContext(one, key, member, model)
            wanted = dict.fromkeys(quick._possible_keys(picker, context))
            assert quick._kept_keys(picker, context) == tuple(wanted)
