"""Load balancers, their listeners and certificates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autodeploy.lab.api.protocol import Refusal
from autodeploy.lab.api.strict.account import Account
from autodeploy.lab.api.strict.rules import Parameters, Rule

ZONES = 2


def create_load_balancer(account: Account, asked: Parameters) -> Refusal | None:
    """Two zones, and a way to the internet where it faces it."""
    if asked.get("Type", "application") != "application":
        return None
    mapped = (one.get("SubnetId") for one in asked.get("SubnetMappings", ()))
    wanted = {*asked.get("Subnets", ()), *mapped}
    known = [one for zone in account.ec2.subnets.values() for one in zone.values()]
    subnets = [one for one in known if one.id in wanted]
    zones = {one.availability_zone for one in subnets}
    if len(subnets) == len(wanted) and len(zones) < ZONES:
        return Refusal(
            code="ValidationError",
            message="At least two subnets in two different Availability Zones must be specified",
        )
    gateways = account.ec2.internet_gateways.values()
    vpcs = {one.vpc.id for one in gateways if one.vpc}
    faces_internet = asked.get("Scheme", "internet-facing") == "internet-facing"
    if faces_internet and any(one.vpc_id not in vpcs for one in subnets):
        return Refusal(
            code="InvalidSubnet", message=f"VPC {subnets[0].vpc_id} has no internet gateway"
        )
    return None


def delete_load_balancer(account: Account, asked: Parameters) -> Refusal | None:
    """Protection forbids it."""
    arn = asked.get("LoadBalancerArn")
    balancer = account.elbv2.load_balancers.get(arn)
    if balancer is None or balancer.attrs.get("deletion_protection.enabled") != "true":
        return None
    return Refusal(
        code="OperationNotPermitted",
        message=f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
    )


def create_listener(account: Account, asked: Parameters) -> Refusal | None:
    """Its certificate is there, and its targets are nobody else's."""
    balancer = account.elbv2.load_balancers.get(asked.get("LoadBalancerArn"))
    if balancer is None:
        return None
    return _certificates(account, asked) or _targets(account, asked, balancer.arn)


def _certificates(account: Account, asked: Parameters) -> Refusal | None:
    arns = [one.get("CertificateArn", "") for one in asked.get("Certificates", ())]
    if asked.get("Protocol") in ("HTTPS", "TLS") and not arns:
        return Refusal(
            code="ValidationError",
            message="A certificate must be specified for HTTPS listeners",
        )
    for arn in arns:
        if ":acm:" in arn and arn not in account.certificates():
            return Refusal(code="CertificateNotFound", message=f"Certificate '{arn}' not found")
    return None


def _targets(account: Account, asked: Parameters, balancer: str) -> Refusal | None:
    wanted = set(_groups_of(asked.get("DefaultActions", ())))
    for other in account.elbv2.load_balancers.values():
        listeners = other.listeners.values()
        taken = {one for listener in listeners for one in _groups_of_listener(listener)}
        if other.arn != balancer and wanted & taken:
            return Refusal(
                code="TargetGroupAssociationLimit",
                message="The following target groups cannot be associated with more than one load "
                f"balancer: {', '.join(sorted(wanted & taken))}",
            )
    return None


def _groups_of(actions: Any) -> Iterator[str]:
    for action in actions:
        if "TargetGroupArn" in action:
            yield action["TargetGroupArn"]
        for group in action.get("ForwardConfig", {}).get("TargetGroups", ()):
            yield group["TargetGroupArn"]


def _groups_of_listener(listener: Any) -> Iterator[str]:
    for rule in listener.rules.values():
        yield from _groups_of(action.data for action in rule.actions)


def delete_certificate(account: Account, asked: Parameters) -> Refusal | None:
    """A listener keeps it."""
    arn = asked.get("CertificateArn", "")
    used = {
        str(one)
        for balancer in account.elbv2.load_balancers.values()
        for listener in balancer.listeners.values()
        for one in listener.certificates
    }
    if arn not in used:
        return None
    return Refusal(code="ResourceInUseException", message=f"Certificate {arn} is in use.")


RULES: dict[str, Rule] = {
    "elasticloadbalancing:CreateLoadBalancer": create_load_balancer,
    "elasticloadbalancing:DeleteLoadBalancer": delete_load_balancer,
    "elasticloadbalancing:CreateListener": create_listener,
    "acm:DeleteCertificate": delete_certificate,
}
