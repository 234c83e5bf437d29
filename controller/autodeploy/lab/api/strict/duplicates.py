"""Names: what AWS answers where something of that name exists already.

With the same settings the existing one is the answer, with others the call is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug import Response

from autodeploy.lab.api import protocol
from autodeploy.lab.api.gateway import Call, Next
from autodeploy.lab.api.protocol import Refusal
from autodeploy.lab.api.strict.account import Account

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of resource whose creation is idempotent by its name.

    Attributes:
        existing: The resource that is in the way; None where there is none.
        describe: The operation that shows it, and the member that names it.
        members: The members of the answer.
        refusal: The answer where the settings differ.
    """

    existing: Callable[[Account, Parameters], str | None]
    describe: tuple[str, str]
    members: str
    refusal: Refusal


def _balancer(account: Account, asked: Parameters) -> str | None:
    found = account.elbv2.load_balancers.values()
    return next((one.arn for one in found if one.name == asked.get("Name")), None)


def _target_group(account: Account, asked: Parameters) -> str | None:
    found = account.elbv2.target_groups.values()
    return next((one.arn for one in found if one.name == asked.get("Name")), None)


def _listener(account: Account, asked: Parameters) -> str | None:
    balancer = account.elbv2.load_balancers.get(asked.get("LoadBalancerArn"))
    found = balancer.listeners.values() if balancer else ()
    return next((one.arn for one in found if str(one.port) == str(asked.get("Port"))), None)


KINDS = {
    "elasticloadbalancing:CreateLoadBalancer": Kind(
        _balancer,
        ("DescribeLoadBalancers", "LoadBalancerArns"),
        "LoadBalancers",
        Refusal(
            code="DuplicateLoadBalancerName",
            message="A load balancer with the same name exists, but with different settings",
        ),
    ),
    "elasticloadbalancing:CreateTargetGroup": Kind(
        _target_group,
        ("DescribeTargetGroups", "TargetGroupArns"),
        "TargetGroups",
        Refusal(
            code="DuplicateTargetGroupName",
            message="A target group with the same name exists, but with different settings",
        ),
    ),
    "elasticloadbalancing:CreateListener": Kind(
        _listener,
        ("DescribeListeners", "ListenerArns"),
        "Listeners",
        Refusal(code="DuplicateListener", message="A listener already exists on this port"),
    ),
}


class Duplicates:
    """The layer that makes nothing twice; behind `OneAtATime`."""

    def __init__(self) -> None:
        self._asked: dict[str, Parameters] = {}

    def __call__(self, call: Call, following: Next) -> Response:
        """Answer with what exists, or have it made."""
        kind = KINDS.get(call.action)
        if kind is None:
            return following(call)
        account, asked = Account.of(call), _settings(protocol.parameters(call))
        existing = kind.existing(account, asked)
        if existing is None:
            response = following(call)
            made = kind.existing(account, asked)
            if made:
                self._asked[made] = asked
            return response
        if self._asked.get(existing) != asked:
            return protocol.refuse(call, kind.refusal)
        operation, member = kind.describe
        found = protocol.ask(call, following, operation, **{member: [existing]})
        return protocol.answer(call, {kind.members: found[kind.members]})

    def clear(self) -> None:
        """Forget what was asked for."""
        self._asked.clear()


def _settings(asked: Parameters) -> dict[str, Any]:
    """The parameters that count, in an order of their own."""
    lists = ("Subnets", "SecurityGroups")
    ordered = {key: sorted(asked[key]) for key in lists if key in asked}
    return {**{key: value for key, value in asked.items() if key != "Tags"}, **ordered}
