"""Instances, their security groups and their volumes."""

from __future__ import annotations

from collections.abc import Iterator

from autodeploy.lab.api.protocol import Refusal
from autodeploy.lab.api.strict.account import ENDED, Account, groups_asked, subnet_asked
from autodeploy.lab.api.strict.rules import Parameters, Rule, types


def delete_security_group(account: Account, asked: Parameters) -> Refusal | None:
    """Whoever has it, and rules of other groups that name it, keep it."""
    group = account.group(asked.get("GroupId") or asked.get("GroupName") or "")
    if group is None:
        return None
    if group.name == "default":
        return Refusal(
            code="CannotDelete",
            message="the specified group: "
            f'"{group.id}" name: "default" cannot be deleted by a user',
        )
    if group.id in {*_groups_in_use(account), *_groups_referred_to(account, group.id)}:
        return Refusal(
            code="DependencyViolation", message=f"resource {group.id} has a dependent object"
        )
    return None


def _groups_in_use(account: Account) -> Iterator[str]:
    for instance in account.instances():
        yield from (one.id for one in instance.security_groups)
    for interface in account.interfaces():
        yield from (one.id for one in interface.group_set)
    for balancer in account.elbv2.load_balancers.values():
        yield from balancer.security_groups or ()
    for database in account.databases():
        yield from database.vpc_security_group_ids or ()
    for node in account.elasticache.cache_clusters.values():
        yield from node.groups


def _groups_referred_to(account: Account, own: str) -> Iterator[str]:
    for groups in account.ec2.groups.values():
        for group in groups.values():
            for rule in (*group.ingress_rules, *group.egress_rules):
                if group.id != own and rule.source_group:
                    yield rule.source_group.get("GroupId", "")


def create_security_group(account: Account, asked: Parameters) -> Refusal | None:
    """One name is AWS's."""
    del account
    if asked.get("GroupName") != "default":
        return None
    return Refusal(code="InvalidGroup.Reserved", message="The security group 'default' is reserved")


def run_instances(account: Account, asked: Parameters) -> Refusal | None:
    """The type is to be had, and groups are of the subnet's VPC."""
    refusal = types.run_instances(account, asked)
    if refusal:
        return refusal
    wanted = subnet_asked(asked)
    subnets = [one for zone in account.ec2.subnets.values() for one in zone.values()]
    vpc = next((one.vpc_id for one in subnets if one.id == wanted), None)
    for id_ in groups_asked(asked):
        group = account.group(id_)
        if vpc and group is not None and group.vpc_id != vpc:
            return Refusal(
                code="InvalidParameter",
                message=f"Security group {id_} and subnet {wanted} belong to different networks.",
            )
    return None


def start_or_stop(account: Account, asked: Parameters) -> Refusal | None:
    """What has ended stays ended."""
    asked_for = set(asked.get("InstanceIds", ()))
    for reservation in account.ec2.reservations.values():
        for instance in reservation.instances:
            if instance.id in asked_for and instance.state in ENDED:
                return Refusal(
                    code="IncorrectInstanceState",
                    message=f"This instance '{instance.id}' is not in a state from which it can be "
                    "started or stopped.",
                )
    return None


def modify_instance(account: Account, asked: Parameters) -> Refusal | None:
    """A type exists, and it, user data or a kernel is changed while the instance is stopped."""
    refusal = types.unknown(asked["InstanceType"]["Value"]) if "InstanceType" in asked else None
    if refusal:
        return refusal
    cold = asked.keys() & {"InstanceType", "UserData", "Kernel", "Ramdisk", "EbsOptimized"}
    running = {one.id: one.state for one in account.instances()}
    id_ = asked.get("InstanceId")
    if not cold or running.get(id_, "stopped") == "stopped":
        return None
    return Refusal(
        code="IncorrectInstanceState",
        message=f"The instance '{id_}' is not in the 'stopped' state.",
    )


def attach_volume(account: Account, asked: Parameters) -> Refusal | None:
    """To one instance only."""
    volume = account.ec2.volumes.get(asked.get("VolumeId"))
    if volume is None or volume.attachment is None:
        return None
    return Refusal(code="VolumeInUse", message=f"{volume.id} is already attached to an instance")


def protect(account: Account, asked: Parameters, said: Parameters) -> None:
    """Protection from termination, which moto takes from ModifyInstanceAttribute only."""
    made = {one["InstanceId"] for one in said.get("Instances", ())}
    for instance in account.instances():
        if instance.id in made:
            instance.disable_api_termination = bool(asked.get("DisableApiTermination"))


RULES: dict[str, Rule] = {
    "ec2:DeleteSecurityGroup": delete_security_group,
    "ec2:CreateSecurityGroup": create_security_group,
    "ec2:RunInstances": run_instances,
    "ec2:StartInstances": start_or_stop,
    "ec2:StopInstances": start_or_stop,
    "ec2:AttachVolume": attach_volume,
    "ec2:ModifyInstanceAttribute": modify_instance,
}
