"""EC2's eventual consistency: what was just made is not found for a while."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from typing import Any

from werkzeug import Response

from autodeploy.lab.api import protocol
from autodeploy.lab.api.gateway import Call, Next
from autodeploy.lab.api.protocol import Refusal

# What an action makes, by the prefix of its identifier.
MADE = {
    "ec2:AllocateAddress": "eipalloc",
    "ec2:CreateInternetGateway": "igw",
    "ec2:CreateNatGateway": "nat",
    "ec2:CreateNetworkInterface": "eni",
    "ec2:CreateRouteTable": "rtb",
    "ec2:CreateSecurityGroup": "sg",
    "ec2:CreateSubnet": "subnet",
    "ec2:CreateVolume": "vol",
    "ec2:CreateVpc": "vpc",
    "ec2:RunInstances": "i",
}
NOT_FOUND = {
    "eipalloc": "InvalidAllocationID.NotFound",
    "eni": "InvalidNetworkInterfaceID.NotFound",
    "i": "InvalidInstanceID.NotFound",
    "igw": "InvalidInternetGatewayID.NotFound",
    "nat": "NatGatewayNotFound",
    "rtb": "InvalidRouteTableID.NotFound",
    "sg": "InvalidGroup.NotFound",
    "subnet": "InvalidSubnetID.NotFound",
    "vol": "InvalidVolume.NotFound",
    "vpc": "InvalidVpcID.NotFound",
}
# By what a list names its members.
LISTED = {
    "ec2:DescribeAddresses": "AllocationId",
    "ec2:DescribeInstances": "InstanceId",
    "ec2:DescribeInternetGateways": "InternetGatewayId",
    "ec2:DescribeNatGateways": "NatGatewayId",
    "ec2:DescribeNetworkInterfaces": "NetworkInterfaceId",
    "ec2:DescribeRouteTables": "RouteTableId",
    "ec2:DescribeSecurityGroups": "GroupId",
    "ec2:DescribeSubnets": "SubnetId",
    "ec2:DescribeVolumes": "VolumeId",
    "ec2:DescribeVpcs": "VpcId",
}
ID = re.compile(r"\b([a-z]+)-[0-9a-f]{8,17}\b")


class Consistency:
    """The layer behind which what was made is not seen yet; behind `OneAtATime`."""

    def __init__(self, seconds: Callable[[], float], clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._hidden: dict[str, float] = {}

    def __call__(self, call: Call, following: Next) -> Response:
        """Have a call answered as if what is young were not there."""
        now = self._clock()
        self._hidden = {id_: until for id_, until in self._hidden.items() if until > now}
        named = _ids({**protocol.parameters(call), "Filters": ()}) if self._hidden else set()
        young = sorted(named & self._hidden.keys())
        if young:
            return protocol.refuse(call, not_found(young[0]))
        response = following(call)
        self._note(call, response, now)
        if self._hidden and call.action in LISTED and response.status_code < 300:
            said = _without(protocol.read(call, response), LISTED[call.action], self._hidden)
            return protocol.answer(call, said)
        return response

    def clear(self) -> None:
        """Everything is seen."""
        self._hidden.clear()

    def _note(self, call: Call, response: Response, now: float) -> None:
        prefix, seconds = MADE.get(call.action), self._seconds()
        if prefix and seconds and response.status_code < 300:
            found = _ids(protocol.read(call, response))
            made = {one for one in found if one.startswith(f"{prefix}-")}
            self._hidden.update(dict.fromkeys(made, now + seconds))


def not_found(id_: str) -> Refusal:
    """EC2's answer where an identifier is nobody's."""
    return Refusal(code=NOT_FOUND[id_.partition("-")[0]], message=f"The ID '{id_}' does not exist")


def _ids(said: Any) -> set[str]:
    return {found[0] for found in ID.finditer(repr(said))}


def _without(said: Mapping[str, Any], member: str, hidden: Container[str]) -> dict[str, Any]:
    """A list without those whose `member` is hidden; what is within its members stays."""
    kept = {key: _seen(value, member, hidden) for key, value in said.items()}
    if "Reservations" in said:  # EC2 lists instances by reservation, and none without an instance
        each = [_without(one, member, hidden) for one in said["Reservations"]]
        kept["Reservations"] = [one for one in each if one["Instances"]]
    return kept


def _seen(value: Any, member: str, hidden: Container[str]) -> Any:
    if not isinstance(value, list):
        return value
    return [one for one in value if not (isinstance(one, dict) and one.get(member) in hidden)]
