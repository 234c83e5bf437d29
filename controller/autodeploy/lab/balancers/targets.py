"""The targets of one region's target groups: who is registered, where they are, how they are."""

from __future__ import annotations

import ipaddress
import time
from collections import defaultdict
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from moto.ec2.models import EC2Backend
from moto.elbv2.exceptions import ELBClientError, TargetNotRunning
from moto.elbv2.models import FakeHealthStatus, FakeTargetGroup

from autodeploy.lab.balancers import health, reading
from autodeploy.lab.balancers.fleet import Fleet
from autodeploy.lab.balancers.health import TargetHealth
from autodeploy.lab.balancers.model import Target
from autodeploy.lab.balancers.registry import Key, Registry

Described = list[dict[str, Any]]


class Targets:
    """Every target group's targets."""

    def __init__(self, fleet: Fleet, ec2: Callable[[], EC2Backend]) -> None:
        self._fleet = fleet
        self._ec2 = ec2
        self._registries: dict[str, Registry] = defaultdict(Registry)

    def register(self, group: FakeTargetGroup, described: Described) -> None:
        """Add targets.

        Raises:
            ELBClientError: One of them is none of the group's kind, or not in its VPC.
        """
        for one in described:
            self._demand(group, str(one["Id"]))
        for one in described:
            self._registries[group.arn].register(_key(group, one))

    def deregister(self, group: FakeTargetGroup, described: Described) -> None:
        """Begin to take targets out; those that are not in are left out silently, as AWS does."""
        delay = int(str(group.attributes["deregistration_delay.timeout_seconds"]))
        until = time.monotonic() + (delay if group.load_balancer_arns else 0)
        registry = self._registries[group.arn]
        for key in (_key(group, one) for one in described):
            target = self._target(key)
            if not registry.deregister(key, until) or target is None:
                continue
            for arn in group.load_balancer_arns:
                if balancer := self._fleet.get(arn):
                    balancer.drain((reading.group_name(group.arn), target.name), until)

    def forget(self, instance_ids: list[str]) -> None:
        """Take instances out that are terminated."""
        for registry in self._registries.values():
            for one in instance_ids:
                registry.forget(one)

    def of(
        self, group: FakeTargetGroup, zones: set[str]
    ) -> tuple[tuple[Target, ...], tuple[Target, ...]]:
        """The targets that a balancer in these zones uses, and those that are leaving it."""
        registry = self._registries[group.arn]
        used = [key for key in registry.active if self._zone(group, key) in {*zones, None}]
        leaving = registry.draining(time.monotonic())
        return tuple(filter(None, map(self._target, used))), tuple(
            filter(None, map(self._target, leaving))
        )

    def health(
        self, group: FakeTargetGroup, asked: Described, zones: set[str]
    ) -> list[FakeHealthStatus]:
        """The health of these targets, or of all that are registered or leaving."""
        registry = self._registries[group.arn]
        leaving = registry.draining(time.monotonic())
        keys = [_key(group, one) for one in asked] or [*registry.active, *leaving]
        running = [self._fleet.get(arn) for arn in group.load_balancer_arns]
        seen = [one.health() for one in running if one]
        name = reading.group_name(group.arn)

        def one(key: Key) -> TargetHealth:
            if key in leaving:
                return health.DRAINING
            if key not in registry.active:
                return health.NOT_REGISTERED
            target = self._target(key)
            if not group.load_balancer_arns:
                return health.NOT_IN_USE
            if target is None or self._stopped(key[0]):
                return health.STOPPED
            if self._zone(group, key) not in {*zones, None}:
                return health.OTHER_ZONE
            return seen[0]((name, target.name)) if seen else health.REGISTERING

        return [_status(group, key, one(key)) for key in keys]

    def _target(self, key: Key) -> Target | None:
        target_id, port = key
        if not target_id.startswith("i-"):
            return Target(address=IPv4Address(target_id), port=port)
        instance = self._ec2().get_instance_by_id(target_id)
        if instance is None or not instance.private_ip:
            return None
        return Target(address=IPv4Address(instance.private_ip), port=port)

    def _stopped(self, target_id: str) -> bool:
        instance = self._ec2().get_instance_by_id(target_id)
        return instance is not None and instance.state in {"stopping", "stopped"}

    def _zone(self, group: FakeTargetGroup, key: Key) -> str | None:
        """The zone of a target; None where it is outside of the VPC, and in all of them."""
        instance = self._ec2().get_instance_by_id(key[0])
        if instance:
            return instance.availability_zone
        target = self._target(key)
        for subnet in self._ec2().describe_subnets(filters={"vpc-id": [group.vpc_id]}):
            if target and target.address in IPv4Network(subnet.cidr_block):
                return str(subnet.availability_zone)
        return None

    def _demand(self, group: FakeTargetGroup, target_id: str) -> None:
        if group.target_type == "ip":
            _demand_address(target_id)
            return
        if not target_id.startswith("i-"):
            raise ELBClientError("ValidationError", f"Instance ID '{target_id}' is not valid")
        instance = self._ec2().get_instance_by_id(target_id)
        if instance is None or instance.vpc_id != group.vpc_id:
            raise ELBClientError(
                "InvalidTarget",
                "The following targets are not in the target group VPC "
                f"'{group.vpc_id}': '{target_id}'",
            )
        if instance.state != "running":
            raise TargetNotRunning(target_id)


def _demand_address(said: str) -> None:
    try:
        ipaddress.IPv4Address(said)
    except ValueError:
        raise ELBClientError(
            "ValidationError", f"The IP address '{said}' is not a valid IPv4 address"
        ) from None


def _key(group: FakeTargetGroup, described: dict[str, Any]) -> Key:
    return str(described["Id"]), int(described.get("Port") or group.port)


def _status(group: FakeTargetGroup, key: Key, found: TargetHealth) -> FakeHealthStatus:
    port = str(key[1]) if group.health_check_port == "traffic-port" else group.health_check_port
    return FakeHealthStatus(key[0], str(key[1]), port, found.state, found.reason, found.description)
