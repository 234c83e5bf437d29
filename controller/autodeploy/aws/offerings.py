"""Which instance types a region has, and where."""

from __future__ import annotations

from collections.abc import Iterable

from autodeploy.aws.cloud import Cloud


def offerings(cloud: Cloud, types: Iterable[str]) -> dict[str, list[str]]:
    """The zones that offer some types, by type, in the order given; without those that none offers.

    Raises:
        CloudError: AWS does not tell.
    """
    wanted = list(types)
    pages = (
        cloud.ec2()
        .get_paginator("describe_instance_type_offerings")
        .paginate(
            LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": wanted}]
        )
    )
    found = [one for page in pages for one in page["InstanceTypeOfferings"]]
    zones = {
        kind: sorted(one["Location"] for one in found if one["InstanceType"] == kind)
        for kind in wanted
    }
    return {kind: there for kind, there in zones.items() if there}
