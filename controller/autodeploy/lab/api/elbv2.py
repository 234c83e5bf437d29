"""Elastic Load Balancing with real balancers: moto's backend, with a HAProxy behind each."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable
from typing import Any, ClassVar

from moto.elbv2.exceptions import (
    DuplicateListenerError,
    DuplicateLoadBalancerName,
    DuplicateTargetGroupName,
    ELBClientError,
    LoadBalancerNotFoundError,
    TargetGroupNotFoundError,
)
from moto.elbv2.models import (
    ELBv2Backend,
    FakeAction,
    FakeHealthStatus,
    FakeListener,
    FakeLoadBalancer,
    FakeTargetGroup,
    elbv2_backends,
)
from pydantic import ValidationError

from autodeploy.lab.balancers import interfaces, reading
from autodeploy.lab.balancers.certificates import Certificates
from autodeploy.lab.balancers.fleet import Fleet
from autodeploy.lab.balancers.targets import Targets

# Application load balancers' zone in Route 53, us-east-1.
HOSTED_ZONE = "Z35SXDOTRQ7X7K"
MIN_ZONES = 2


def _publishing(method: Callable[..., Any]) -> Any:
    """A method of moto's after which the balancers are told what they are to be."""

    @functools.wraps(method)
    def call(self: LabELBv2Backend, *args: Any, **kwargs: Any) -> Any:
        result = method(self, *args, **kwargs)
        self.publish()
        return result

    return call


class LabELBv2Backend(ELBv2Backend):
    """An ELBv2 whose application load balancers are hosts."""

    __module__ = ELBv2Backend.__module__  # moto finds a service's urls beside it

    fleet: ClassVar[Fleet]

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.targets = Targets(self.fleet, lambda: self.ec2_backend)
        self._certificates = Certificates(account_id, region_name)
        self._asked: dict[str, Any] = {}
        self._interfaces: dict[str, str] = {}

    def publish(self) -> None:
        """Tell each balancer what it is to be now."""
        for balancer in self.load_balancers.values():
            running = self.fleet.get(balancer.arn)
            if running:
                running.want(self._read(balancer))
        for group in self.target_groups.values():
            group.load_balancer_arns = [
                one.arn for one in self.load_balancers.values() if group.arn in _used_by(one)
            ]

    def create_load_balancer(self, name: str, *args: Any, **kwargs: Any) -> FakeLoadBalancer:
        """Make it and begin to boot it; it is `provisioning` until it answers."""
        asked = {**_settings(kwargs), "args": args}
        for known in self.load_balancers.values():
            if known.name == name and self._asked[known.arn] != asked:
                raise DuplicateLoadBalancerName
            if known.name == name:
                return known
        kwargs["scheme"] = kwargs.get("scheme") or "internet-facing"
        self._demand_zones(kwargs)
        made = super().create_load_balancer(name, *args, **kwargs)
        self._asked[made.arn] = asked
        self._begin(made)
        return made

    def describe_load_balancers(
        self, arns: list[str] | None, names: list[str] | None
    ) -> list[FakeLoadBalancer]:
        """Those that are asked for; looking at one does not make it active."""
        known = list(self.load_balancers.values())
        if not arns and not names:
            return known
        found = [one for one in known if one.arn in (arns or ()) or one.name in (names or ())]
        if len(found) < len({*(arns or ()), *(names or ())}):
            raise LoadBalancerNotFoundError
        return found

    def delete_load_balancer(self, arn: str) -> None:
        """Take it away; nothing of it is left when this returns."""
        balancer = self.load_balancers.get(arn)
        if balancer and balancer.attrs.get("deletion_protection.enabled") == "true":
            raise ELBClientError(
                "OperationNotPermitted",
                f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
            )
        super().delete_load_balancer(arn)
        self.fleet.destroy(arn)
        interfaces.delete(self.ec2_backend, self._interfaces.pop(arn, None))
        self.publish()

    def set_security_groups(self, arn: str, sec_groups: list[str]) -> None:
        """Change which groups decide what reaches it."""
        super().set_security_groups(arn, sec_groups)
        interfaces.regroup(self.ec2_backend, self._interfaces.get(arn), sec_groups)

    def create_listener(
        self, load_balancer_arn: str, protocol: str, port: str, *args: Any, **kwargs: Any
    ) -> FakeListener:
        """Add a listener, once for the same settings."""
        asked = (protocol, args, _settings(kwargs))
        balancer = self.load_balancers.get(load_balancer_arn)
        for known in balancer.listeners.values() if balancer else ():
            if str(known.port) == str(port) and self._asked.get(known.arn) != asked:
                raise DuplicateListenerError
            if str(known.port) == str(port):
                return known
        certificate = kwargs.get("certificate")
        self._certificates.demand(protocol, [certificate] if certificate else [])
        made = super().create_listener(load_balancer_arn, protocol, port, *args, **kwargs)
        self._asked[made.arn] = asked
        self.publish()
        return made

    def modify_listener(
        self,
        arn: str,
        port: str | None = None,
        protocol: str | None = None,
        ssl_policy: str | None = None,
        certificates: list[dict[str, Any]] | None = None,
        actions: list[dict[str, Any]] | None = None,
    ) -> FakeListener:
        """Change a listener; of its certificates only the default one."""
        self._validate_actions([FakeAction(one) for one in actions or []])
        (listener,) = self.describe_listeners(None, [arn])
        chosen_by_sni = listener.certificates[1:]
        made = super().modify_listener(arn, port, protocol, ssl_policy, certificates, actions)
        made.certificates = [*made.certificates[:1], *chosen_by_sni]
        self.publish()
        return made

    def add_listener_certificates(self, arn: str, certificates: list[dict[str, Any]]) -> list[str]:
        """Add certificates that are chosen by SNI."""
        self._certificates.demand("HTTPS", [one["CertificateArn"] for one in certificates])
        made = super().add_listener_certificates(arn, certificates)
        self.publish()
        return made

    def create_target_group(self, name: str, **kwargs: Any) -> FakeTargetGroup:
        """Add a target group, once for the same settings."""
        asked = _settings(kwargs)
        for known in self.target_groups.values():
            if known.name == name and self._asked.get(known.arn) != asked:
                raise DuplicateTargetGroupName
            if known.name == name:
                return known
        made = super().create_target_group(name, **kwargs)
        self._asked[made.arn] = asked
        return made

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

    create_rule = _publishing(ELBv2Backend.create_rule)
    delete_listener = _publishing(ELBv2Backend.delete_listener)
    delete_rule = _publishing(ELBv2Backend.delete_rule)
    modify_load_balancer_attributes = _publishing(ELBv2Backend.modify_load_balancer_attributes)
    modify_rule = _publishing(ELBv2Backend.modify_rule)
    modify_target_group = _publishing(ELBv2Backend.modify_target_group)
    modify_target_group_attributes = _publishing(ELBv2Backend.modify_target_group_attributes)
    remove_listener_certificates = _publishing(ELBv2Backend.remove_listener_certificates)
    set_rule_priorities = _publishing(ELBv2Backend.set_rule_priorities)
    set_subnets = _publishing(ELBv2Backend.set_subnets)

    def _begin(self, balancer: FakeLoadBalancer) -> None:
        number = balancer.arn.rpartition("/")[2]
        inward = balancer.scheme == "internal"
        host = f"{balancer.name}-{zlib.crc32(number.encode()):010d}"
        domain = f"{self.region_name}.elb.amazonaws.com"
        balancer.dns_name = f"{'internal-' if inward else ''}{host}.{domain}"
        balancer.canonical_hosted_zone_id = HOSTED_ZONE
        interface, placement = interfaces.create(self.ec2_backend, balancer)
        self._interfaces[balancer.arn] = interface
        enter = functools.partial(setattr, balancer, "state")
        wanted = self._read(balancer)
        name = balancer.dns_name
        self.fleet.create(balancer.arn, name, placement, not inward, wanted, enter)

    def _read(self, balancer: FakeLoadBalancer) -> Any:
        groups = [self.target_groups[arn] for arn in sorted(_used_by(balancer))]
        zones = {subnet.availability_zone for subnet in balancer.subnets}
        targets = functools.partial(self.targets.of, zones=zones)
        return reading.load_balancer(balancer, groups, targets, self._certificates.get)

    def _group(self, arn: str) -> FakeTargetGroup:
        if arn not in self.target_groups:
            raise TargetGroupNotFoundError
        return self.target_groups[arn]

    def _validate_conditions(self, conditions: list[dict[str, Any]]) -> None:
        super()._validate_conditions(conditions)
        for one in conditions:
            _readable(functools.partial(reading.condition, one))

    def _validate_actions(self, actions: list[FakeAction]) -> None:
        super()._validate_actions(actions)
        if any(str(one.type).startswith("authenticate") for one in actions):
            raise ELBClientError("InvalidLoadBalancerAction", "the lab has no authenticate actions")
        if actions:
            _readable(lambda: reading.action([one.data for one in actions]))

    def _demand_zones(self, kwargs: dict[str, Any]) -> None:
        if (kwargs.get("loadbalancer_type") or "application") != "application":
            raise ELBClientError(
                "InvalidConfigurationRequest", "the lab has application load balancers only"
            )
        mapped = [one["SubnetId"] for one in kwargs.get("subnet_mappings") or ()]
        asked = [*(kwargs.get("subnet_ids") or ()), *mapped]
        found = self.ec2_backend.describe_subnets(asked) if asked else []
        if asked and len({one.availability_zone for one in found}) < MIN_ZONES:
            raise ELBClientError(
                "ValidationError",
                "At least two subnets in two different Availability Zones must be specified",
            )


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


def _settings(kwargs: dict[str, Any]) -> dict[str, Any]:
    """What makes two calls the same: all but the tags."""
    return {key: value for key, value in kwargs.items() if key != "tags"}


def _readable(read: Callable[[], object]) -> None:
    try:
        read()
    except (ValidationError, ValueError) as error:
        raise ELBClientError("ValidationError", str(error).replace("\n", " ")) from None


def install(fleet: Fleet) -> None:
    """Make moto serve this backend; before its first call only."""
    LabELBv2Backend.fleet = fleet
    elbv2_backends.backend = LabELBv2Backend
