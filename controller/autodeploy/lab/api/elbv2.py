"""Elastic Load Balancing with real balancers: moto's backend, with a HAProxy behind each."""

from __future__ import annotations

import contextlib
import functools
import logging
import zlib
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from moto.elbv2.exceptions import ELBClientError, TargetGroupNotFoundError
from moto.elbv2.models import (
    ELBv2Backend,
    FakeHealthStatus,
    FakeLoadBalancer,
    FakeTargetGroup,
    elbv2_backends,
)

from autodeploy.errors import LabBroken
from autodeploy.lab.balancers import interfaces, reading
from autodeploy.lab.balancers.fleet import Fleet
from autodeploy.lab.balancers.strictness import StrictELBv2Backend
from autodeploy.lab.balancers.targets import Targets
from autodeploy.lab.dns.batches import BALANCERS

log = logging.getLogger(__name__)


def _told(method: Callable[..., Any]) -> Any:
    """A method of moto's after which the balancers are told what they are to be."""

    @functools.wraps(method)
    def call(self: LabELBv2Backend, *args: Any, **kwargs: Any) -> Any:
        result = method(self, *args, **kwargs)
        self.publish()
        return result

    return call


class LabELBv2Backend(StrictELBv2Backend):
    """An ELBv2 whose application load balancers are hosts."""

    __module__ = ELBv2Backend.__module__  # moto finds a service's urls beside it

    fleet: ClassVar[Fleet]

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.targets = Targets(self.fleet, lambda: self.ec2_backend)
        self._interfaces: dict[str, str] = {}

    def publish(self) -> None:
        """Tell each balancer what it is to be now."""
        for balancer in self.load_balancers.values():
            running = self.fleet.get(balancer.arn)
            if running:
                # One that cannot be read stays as it is, and is no reason to fail for the others.
                with _logged(balancer):
                    running.want(self._read(balancer))
        for group in self.target_groups.values():
            group.load_balancer_arns = [
                one.arn for one in self.load_balancers.values() if group.arn in _used_by(one)
            ]

    def create_load_balancer(self, name: str, *args: Any, **kwargs: Any) -> FakeLoadBalancer:
        """Make it and begin to boot it; it is `provisioning` until it answers."""
        known = set(self.load_balancers)
        made = super().create_load_balancer(name, *args, **kwargs)
        if made.arn not in known:
            self._begin(made)
        return made

    def delete_load_balancer(self, arn: str) -> None:
        """Take it away; nothing of it is left when this returns."""
        super().delete_load_balancer(arn)
        self.fleet.destroy(arn)
        interfaces.delete(self.ec2_backend, self._interfaces.pop(arn, None))
        self.publish()

    def set_security_groups(self, arn: str, sec_groups: list[str]) -> None:
        """Change which groups decide what reaches it."""
        super().set_security_groups(arn, sec_groups)
        interfaces.regroup(self.ec2_backend, self._interfaces.get(arn), sec_groups)
        self.fleet.regroup(arn, sec_groups)

    def register_targets(self, target_group_arn: str, instances: list[Any]) -> None:
        """Add targets, each an instance or an address with a port."""
        self.targets.register(self._group(target_group_arn), instances)
        self.publish()

    def deregister_targets(self, target_group_arn: str, instances: list[dict[str, Any]]) -> None:
        """Let targets end what they are doing and get nothing new."""
        self.targets.deregister(self._group(target_group_arn), instances)
        self.publish()

    def notify_terminate_instances(self, instance_ids: list[str]) -> None:
        """Forget targets whose machines are gone."""
        self.targets.forget(instance_ids)
        self.publish()

    def describe_target_health(
        self, target_group_arn: str, targets: list[dict[str, Any]]
    ) -> list[FakeHealthStatus]:
        """What HAProxy sees of each target."""
        group = self._group(target_group_arn)
        zones = {
            subnet.availability_zone
            for arn in group.load_balancer_arns
            for subnet in self.load_balancers[arn].subnets
        }
        return self.targets.health(group, targets, zones)

    add_listener_certificates = _told(StrictELBv2Backend.add_listener_certificates)
    create_listener = _told(StrictELBv2Backend.create_listener)
    create_rule = _told(StrictELBv2Backend.create_rule)
    delete_listener = _told(StrictELBv2Backend.delete_listener)
    delete_rule = _told(StrictELBv2Backend.delete_rule)
    modify_listener = _told(StrictELBv2Backend.modify_listener)
    modify_load_balancer_attributes = _told(StrictELBv2Backend.modify_load_balancer_attributes)
    modify_rule = _told(StrictELBv2Backend.modify_rule)
    modify_target_group = _told(StrictELBv2Backend.modify_target_group)
    modify_target_group_attributes = _told(StrictELBv2Backend.modify_target_group_attributes)
    remove_listener_certificates = _told(StrictELBv2Backend.remove_listener_certificates)
    set_rule_priorities = _told(StrictELBv2Backend.set_rule_priorities)
    set_subnets = _told(StrictELBv2Backend.set_subnets)

    def _begin(self, balancer: FakeLoadBalancer) -> None:
        number = balancer.arn.rpartition("/")[2]
        inward = balancer.scheme == "internal"
        host = f"{balancer.name}-{zlib.crc32(number.encode()):010d}"
        domain = f"{self.region_name}.elb.amazonaws.com"
        balancer.dns_name = f"{'internal-' if inward else ''}{host}.{domain}"
        balancer.canonical_hosted_zone_id = BALANCERS
        interface, placement = interfaces.create(self.ec2_backend, balancer)
        self._interfaces[balancer.arn] = interface
        enter = functools.partial(setattr, balancer, "state")
        wanted = self._read(balancer)
        name = balancer.dns_name
        try:
            self.fleet.create(balancer.arn, name, placement, not inward, wanted, enter)
        except LabBroken:
            log.exception("%s cannot be made", name)
            enter("failed")

    def _read(self, balancer: FakeLoadBalancer) -> Any:
        groups = [self.target_groups[arn] for arn in sorted(_used_by(balancer))]
        zones = {subnet.availability_zone for subnet in balancer.subnets}
        targets = functools.partial(self.targets.of, zones=zones)
        return reading.load_balancer(balancer, groups, targets, self.certificates.get)

    def _group(self, arn: str) -> FakeTargetGroup:
        if arn not in self.target_groups:
            raise TargetGroupNotFoundError
        return self.target_groups[arn]


@contextlib.contextmanager
def _logged(balancer: FakeLoadBalancer) -> Iterator[None]:
    try:
        yield
    except (ELBClientError, ValueError):
        log.exception("%s stays as it is", balancer.name)


def _used_by(balancer: FakeLoadBalancer) -> set[str]:
    """The target groups that a balancer's listeners forward to."""
    actions = [
        action.data
        for listener in balancer.listeners.values()
        for rule in listener.rules.values()
        for action in rule.actions
    ]
    return {
        one["TargetGroupArn"]
        for data in actions
        for one in [data, *(data.get("ForwardConfig") or {}).get("TargetGroups", ())]
        if "TargetGroupArn" in one
    }


def install(fleet: Fleet) -> None:
    """Make moto serve this backend; before its first call only."""
    LabELBv2Backend.fleet = fleet
    elbv2_backends.backend = LabELBv2Backend
