"""What AWS's ELBv2 refuses, and what it does once however often it is asked; moto does neither."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from moto.elbv2.exceptions import (
    DuplicateListenerError,
    DuplicateLoadBalancerName,
    DuplicateTargetGroupName,
    ELBClientError,
    LoadBalancerNotFoundError,
)
from moto.elbv2.models import (
    ELBv2Backend,
    FakeAction,
    FakeListener,
    FakeLoadBalancer,
    FakeTargetGroup,
)
from pydantic import ValidationError

from autodeploy.lab.balancers import reading
from autodeploy.lab.balancers.certificates import Certificates
from autodeploy.lab.balancers.model import HealthCheck

MIN_ZONES = 2


class StrictELBv2Backend(ELBv2Backend):
    """moto's ELBv2 with AWS's refusals."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.certificates = Certificates(account_id, region_name)
        self._asked: dict[str, Any] = {}

    def create_load_balancer(self, name: str, *args: Any, **kwargs: Any) -> FakeLoadBalancer:
        """Add a balancer, once for the same settings."""
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
        """Delete one that is not protected."""
        balancer = self.load_balancers.get(arn)
        if balancer and balancer.attrs.get("deletion_protection.enabled") == "true":
            raise ELBClientError(
                "OperationNotPermitted",
                f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
            )
        super().delete_load_balancer(arn)

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
        self.certificates.demand(protocol, [certificate] if certificate else [])
        made = super().create_listener(load_balancer_arn, protocol, port, *args, **kwargs)
        self._asked[made.arn] = asked
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
        return made

    def add_listener_certificates(self, arn: str, certificates: list[dict[str, Any]]) -> list[str]:
        """Add certificates that are chosen by SNI."""
        self.certificates.demand("HTTPS", [one["CertificateArn"] for one in certificates])
        return super().add_listener_certificates(arn, certificates)

    def create_target_group(self, name: str, **kwargs: Any) -> FakeTargetGroup:
        """Add a target group, once for the same settings."""
        asked = _settings(kwargs)
        for known in self.target_groups.values():
            if known.name == name and self._asked.get(known.arn) != asked:
                raise DuplicateTargetGroupName
            if known.name == name:
                return known
        _demand_codes((kwargs.get("matcher") or {}).get("HttpCode"))
        made = super().create_target_group(name, **kwargs)
        self._asked[made.arn] = asked
        return made

    def modify_target_group(self, arn: str, *args: Any, **kwargs: Any) -> FakeTargetGroup:
        """Change a target group's health checks."""
        _demand_codes(args[7] if len(args) > 7 else kwargs.get("http_codes"))
        return super().modify_target_group(arn, *args, **kwargs)

    def _validate_conditions(self, conditions: list[dict[str, Any]]) -> None:
        super()._validate_conditions(conditions)
        for one in conditions:
            _readable(functools.partial(reading.condition, one))

    def _validate_actions(self, actions: list[FakeAction]) -> None:
        super()._validate_actions(actions)
        if any(str(one.type).startswith("authenticate") for one in actions):
            raise ELBClientError("InvalidLoadBalancerAction", "the lab has no authenticate actions")
        for arn in {
            one for action in actions for one in self._get_target_group_arns_from(action.data)
        }:
            if self.target_groups[arn].protocol not in {"HTTP", "HTTPS"}:
                raise ELBClientError(
                    "InvalidConfigurationRequest",
                    f"The target group '{arn}' cannot be used with an application load balancer",
                )
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


def _settings(kwargs: dict[str, Any]) -> dict[str, Any]:
    """What makes two calls the same: all but the tags."""
    return {key: value for key, value in kwargs.items() if key != "tags"}


def _demand_codes(codes: str | None) -> None:
    if codes is not None:
        _readable(lambda: HealthCheck(matcher=codes))


def _readable(read: Callable[[], object]) -> None:
    try:
        read()
    except (ValidationError, ValueError) as error:
        raise ELBClientError("ValidationError", str(error).replace("\n", " ")) from None
