"""What is not there at once, and the states that it has until then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autodeploy.lab.api.strict.account import Account

INSTANCE_STATES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48}


def _vpc(account: Account, said: Mapping[str, Any]) -> list[Any]:
    return [account.ec2.vpcs[said["Vpc"]["VpcId"]]]


def _subnet(account: Account, said: Mapping[str, Any]) -> list[Any]:
    wanted = said["Subnet"]["SubnetId"]
    return [zone[wanted] for zone in account.ec2.subnets.values() if wanted in zone]


def _instances(account: Account, said: Mapping[str, Any]) -> list[Any]:
    wanted = {one["InstanceId"] for one in said["Instances"]}
    return [one for one in account.instances() if one.id in wanted]


def _database(account: Account, said: Mapping[str, Any]) -> list[Any]:
    return [account.database(said["DBInstance"]["DBInstanceIdentifier"])]


def _balancers(account: Account, said: Mapping[str, Any]) -> list[Any]:
    return [account.elbv2.load_balancers[one["LoadBalancerArn"]] for one in said["LoadBalancers"]]


@dataclass(frozen=True)
class Kind:
    """A kind of resource that is not there at once.

    Attributes:
        name: What its delay is set by.
        find: What an answer has made.
        before: The state until it is there.
        after: The state from then on.
        identifier: Where moto has what names it.
    """

    name: str
    find: Callable[[Account, Mapping[str, Any]], list[Any]]
    before: str
    after: str
    identifier: str = "id"


MAKING = {
    "ec2:CreateVpc": Kind("vpc", _vpc, "pending", "available"),
    "ec2:CreateSubnet": Kind("subnet", _subnet, "pending", "available"),
    "ec2:RunInstances": Kind("instance", _instances, "pending", "running"),
    "rds:CreateDBInstance": Kind(
        "db-instance", _database, "creating", "available", "db_instance_identifier"
    ),
    "elasticloadbalancing:CreateLoadBalancer": Kind(
        "load-balancer", _balancers, "provisioning", "active", "arn"
    ),
}
DESCRIBING = {
    "ec2:DescribeInstances": "InstanceId",
    "rds:DescribeDBInstances": "DBInstanceIdentifier",
    "elasticloadbalancing:DescribeLoadBalancers": "LoadBalancerArn",
}
"""What describes things that may be there already when they are not to be yet (a host boots in a
second, moto makes a load balancer active as soon as somebody looks), and where it names them."""
ENDING = {"ec2:TerminateInstances": "instance", "rds:DeleteDBInstance": "db-instance"}
DELAYS = frozenset({*(kind.name for kind in MAKING.values()), "visible"})


def enter(resource: Any, state: str) -> None:
    """Put a resource into a state: moto's `state` or `status`; an instance's has two parts."""
    if hasattr(resource, "instance_state"):
        resource.instance_state.name = state
        resource.instance_state.code = INSTANCE_STATES[state]
    elif hasattr(resource, "status"):
        resource.status = state
    else:
        resource.state = state


def restated(said: Any, after: str, before: str) -> Any:
    """An answer in which what has state `after` has `before`."""
    if isinstance(said, list):
        return [restated(one, after, before) for one in said]
    if not isinstance(said, dict):
        return said
    if said.get("Name") == after and "Code" in said:
        return {"Code": INSTANCE_STATES[before], "Name": before}
    states = ("State", "Code", "DBInstanceStatus")
    return {
        key: before if key in states and value == after else restated(value, after, before)
        for key, value in said.items()
    }


def delayed(said: Any, field: str, kinds: Mapping[str, Kind]) -> Any:
    """An answer in which those whose `field` is among `kinds` are not there yet."""
    if isinstance(said, list):
        return [delayed(one, field, kinds) for one in said]
    if not isinstance(said, dict):
        return said
    kind = kinds.get(str(said.get(field)))
    if kind:
        return restated(said, kind.after, kind.before)
    return {key: delayed(value, field, kinds) for key, value in said.items()}


def _state(resource: Any) -> str:
    return str(resource.status if hasattr(resource, "status") else resource.state)


def arrival(resource: Any, before: str, after: str) -> Callable[[], None]:
    """What takes a resource from one state to the next, if nobody has changed it meanwhile."""

    def arrive() -> None:
        if _state(resource) == before:
            enter(resource, after)

    return arrive
