"""Whether an account may have what is to be made, and whether AWS has such hosts at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from autodeploy.aws import Cloud, quotas, usage
from autodeploy.aws.quotas import Quota
from autodeploy.errors import CloudError, QuotaExceeded, TypeNotOffered, UsageError
from autodeploy.provisioner.kinds import Instance
from autodeploy.provisioner.kinds.instance import ARCHITECTURES
from autodeploy.provisioner.kinds.launch import type_hint

COUNTED = {
    "AWS::EC2::VPC": (quotas.VPCS, usage.vpcs),
    "AWS::RDS::DBInstance": (quotas.DATABASES, usage.databases),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": (quotas.BALANCERS, usage.balancers),
}
"""Kinds of which an account may have few: the quota, and what counts what is there."""


class Talk(Protocol):
    """Where things are said to people."""

    def info(self, message: str) -> None:
        """Say something."""


def ask_quotas(cloud: Cloud, created: Mapping[str, int], talk: Talk) -> None:
    """Ask of each kind that is to be made whether there may be so many more.

    Raises:
        QuotaExceeded: There may not.
    """
    for kind, (quota, count) in COUNTED.items():
        if created.get(kind):
            _ask_quota(cloud, quota, created[kind], partial(count, cloud), talk)


def ask_types(cloud: Cloud, hosts: Sequence[Instance], talk: Talk) -> None:
    """Look at the hosts' types, and ask whether so many may run.

    Raises:
        TypeNotOffered: There is no such type.
        UsageError: The type has another processor than the image.
        QuotaExceeded: There may not run so many.
    """
    wanted = Counter(one.instance_type for one in hosts)
    try:
        running = usage.running_types(cloud)
        described = usage.described_types(cloud, {*wanted, *running})
    except TypeNotOffered as error:
        raise _no_such_type(cloud, hosts[0], error) from error
    except CloudError as error:
        talk.info(f"instance types were not looked at beforehand: {error.message}")
        return
    for one in hosts:
        check_processor(one, described[one.instance_type])
    present, more = (usage.standard_vcpus(some, described) for some in (running, wanted))
    if more:
        _ask_quota(cloud, quotas.VCPUS, more, lambda: present, talk)


def ask_wanted(cloud: Cloud, hosts: Sequence[Instance]) -> None:
    """Look at the types that hosts are to get, before anything is done for it.

    Raises:
        TypeNotOffered: There is no such type.
        UsageError: The type has another processor than the image.
    """
    if not hosts:
        return
    try:
        described = usage.described_types(cloud, {one.instance_type for one in hosts})
    except TypeNotOffered as error:
        raise _no_such_type(cloud, hosts[0], error) from error
    for one in hosts:
        check_processor(one, described[one.instance_type])


def _ask_quota(
    cloud: Cloud, quota: Quota, wanted: int, count: Callable[[], int], talk: Talk
) -> None:
    try:
        most, present = quotas.value(cloud, quota), count()
    except CloudError as error:
        talk.info(f"the quota of {quota.name} was not asked beforehand: {error.message}")
        return
    check_quota(quota, most=most, present=present, wanted=wanted)


def check_quota(quota: Quota, *, most: float, present: int, wanted: int) -> None:
    """Refuse what is more than the account may have. Pure.

    Raises:
        QuotaExceeded: It is.
    """
    if present + wanted > most:
        raise QuotaExceeded(
            f"the account may have {most:g} {quota.name} ({quota.code})",
            cause=f"{present} are in use and {wanted} more are needed",
            remediation=quota.remediation,
        )


def check_processor(host: Instance, described: Mapping[str, Any]) -> None:
    """Refuse a type that the host's image does not run on. Pure.

    Raises:
        UsageError: It does not.
    """
    offered = described["ProcessorInfo"]["SupportedArchitectures"]
    if ARCHITECTURES[host.arch] not in offered:
        arch = next((arch for arch, name in ARCHITECTURES.items() if name in offered), None)
        instead = f"Give --arch {arch}, or another" if arch else "Give another"
        raise UsageError(
            f"{host.instance_type} has no {host.arch} processor: {', '.join(offered)}",
            remediation=f"{instead} --instance-type.",
        )


def _no_such_type(cloud: Cloud, host: Instance, error: TypeNotOffered) -> TypeNotOffered:
    return TypeNotOffered(
        f"AWS has no instance type {host.instance_type} in {cloud.region}",
        cause=error.cause,
        action=error.action,
        code=error.code,
        remediation=type_hint(cloud, host.instance_type, host.arch),
    )
