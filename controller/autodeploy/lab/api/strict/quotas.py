"""Service Quotas: how much an account may have, told and enforced."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug import Response

from autodeploy.lab.api import protocol
from autodeploy.lab.api.gateway import BadRequest, Call, Next
from autodeploy.lab.api.protocol import Refusal
from autodeploy.lab.api.strict.account import Account
from autodeploy.lab.api.strict.rules import Parameters, types

SERVICE = "servicequotas"
STANDARD = re.compile(r"[acdhimrtz]\d")
DEFAULT_TYPE = "m1.small"  # AWS's


@dataclass(frozen=True)
class Quota:
    """One quota, and what it limits.

    Attributes:
        service: Service Quotas' name of the service.
        name: Its name.
        value: The most that there may be, unless the lab is told otherwise.
        action: The call that makes more of it.
        present: How much of it the account has.
        wanted: How much the call would add.
        refusal: The code and the message where that is too much; `{}` is the value.
    """

    service: str
    name: str
    value: float
    action: str
    present: Callable[[Account], int]
    refusal: tuple[str, str]
    wanted: Callable[[Parameters], int] = lambda _: 1


def _vcpus(kind: str) -> int:
    return types.vcpus(kind) if STANDARD.match(kind) else 0


def _vcpus_running(account: Account) -> int:
    return sum(_vcpus(one.instance_type) for one in account.instances() if one.state != "stopped")


def _vcpus_wanted(asked: Parameters) -> int:
    return int(asked.get("MaxCount", 1)) * _vcpus(asked.get("InstanceType", DEFAULT_TYPE))


QUOTAS = {
    "L-F678F1CE": Quota(
        *("vpc", "VPCs per Region", 100, "ec2:CreateVpc"),
        present=lambda account: len(account.ec2.vpcs),
        refusal=("VpcLimitExceeded", "The maximum number of VPCs has been reached."),
    ),
    "L-1216C47A": Quota(
        "ec2",
        "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
        *(256, "ec2:RunInstances"),
        present=_vcpus_running,
        wanted=_vcpus_wanted,
        refusal=(
            "VcpuLimitExceeded",
            "You have requested more vCPU capacity than your current vCPU limit of {} allows for "
            "the instance bucket that the specified instance type belongs to.",
        ),
    ),
    "L-7B6409FD": Quota(
        *("rds", "DB instances", 40, "rds:CreateDBInstance"),
        present=lambda account: len(account.databases()),
        refusal=("InstanceQuotaExceeded", "Cannot create more than {} DB instances"),
    ),
    "L-53DA6B97": Quota(
        "elasticloadbalancing",
        "Application Load Balancers per Region",
        *(50, "elasticloadbalancing:CreateLoadBalancer"),
        present=lambda account: len(account.elbv2.load_balancers),
        refusal=("TooManyLoadBalancers", "The maximum number of load balancers has been reached"),
    ),
}
"""By their codes. A lab is larger than a new account, which has five VPCs and few vCPUs."""


class Quotas:
    """The layer that tells quotas and refuses what is beyond them; behind `OneAtATime`."""

    def __init__(self) -> None:
        self._set: dict[str, float] = {}

    def __call__(self, call: Call, following: Next) -> Response:
        """Have a call answered where the account may still have what it makes."""
        if call.action.startswith(f"{SERVICE}:"):
            return self._tell(call)
        for code, quota in QUOTAS.items():
            asked = protocol.parameters(call) if call.action == quota.action else {}
            if asked and not asked.get("DryRun"):
                most = self.values()[code]
                if quota.present(Account.of(call)) + quota.wanted(asked) > most:
                    name, message = quota.refusal
                    return protocol.refuse(
                        call, Refusal(code=name, message=message.format(f"{most:g}"))
                    )
        return following(call)

    def values(self) -> dict[str, float]:
        """The most that there may be, by code."""
        return {**{code: one.value for code, one in QUOTAS.items()}, **self._set}

    def set(self, said: Any) -> dict[str, float]:
        """Set quotas, by code; those that there are.

        Raises:
            BadRequest: There is no such quota, or no such value.
        """
        if not isinstance(said, Mapping) or set(said) - set(QUOTAS):
            raise BadRequest(f"there are the quotas {', '.join(QUOTAS)}")
        if any(not isinstance(one, int | float) or one < 0 for one in said.values()):
            raise BadRequest("quotas are numbers")
        self._set.update(said)
        return self.values()

    def clear(self) -> None:
        """The lab's own again."""
        self._set.clear()

    def _tell(self, call: Call) -> Response:
        asked = protocol.parameters(call)
        service, code = asked.get("ServiceCode"), asked.get("QuotaCode")
        found = [self._told(one) for one, quota in QUOTAS.items() if quota.service == service]
        if call.action == f"{SERVICE}:ListServiceQuotas":
            return protocol.answer(call, {"Quotas": found})
        known = [one for one in found if one["QuotaCode"] == code]
        if call.action == f"{SERVICE}:GetServiceQuota" and known:
            return protocol.answer(call, {"Quota": known[0]})
        message = "The request failed because the specified service or quota does not exist."
        return protocol.refuse(call, Refusal(code="NoSuchResourceException", message=message))

    def _told(self, code: str) -> dict[str, Any]:
        quota = QUOTAS[code]
        return {
            "ServiceCode": quota.service,
            "QuotaCode": code,
            "QuotaName": quota.name,
            "Value": float(self.values()[code]),
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }
