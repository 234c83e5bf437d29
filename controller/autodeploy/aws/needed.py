"""Which actions a plan calls, of all that its kinds may take. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from autodeploy.aws.cloud import READS
from autodeploy.aws.grants import KINDS
from autodeploy.contracts import Action, Permissions, PlannedAction

REMOVES = ("Delete", "Deregister", "Detach", "Disassociate", "Terminate", "Unsubscribe")
MAKES = ("Import", "Request", "Run")
"""With `Create`, how the call begins that makes a resource; nothing else of its kind calls it."""
LAST = frozenset({"rds:CreateDBSnapshot"})
"""What makes something of its own when a resource goes."""
HELD = frozenset({"rds:ModifyDBInstance"})
"""What a resource that is protected takes before it may be deleted."""
STARTED = frozenset({"rds:StartDBInstance"})
"""What a resource that is stopped takes before it may be deleted."""
ADMISSION = ("ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress")
"""What lets SSH in while hosts are worked on, and shuts it again."""
HOST = "AWS::EC2::Instance"
TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup.TargetDescription"


def needed(
    actions: Iterable[PlannedAction],
    looked_for: Iterable[str] = (),
    *,
    takes_turns: bool = False,
) -> Permissions:
    """The actions that are called to carry out a plan, and to look first.

    What AWS asks for by itself, such as tags and roles of its services, is among them. What a
    half-made resource may lack is too: an update may take any of its kind's calls but those that
    make or remove it.

    Args:
        actions: The plan's.
        looked_for: Kinds that are looked for beside those of the plan.
        takes_turns: Whether hosts leave their load balancer for the release.
    """
    planned = tuple(actions)
    has_hosts = any(one.type == HOST and one.action is not Action.DELETE for one in planned)
    kinds = {*looked_for, *(one.type for one in planned)}
    looked = {name for kind in kinds for name in _names(kind) if _verb(name).startswith(READS)}
    called = {name for one in planned for name in _called(one.type, one.action)}
    stops = any(one.type == HOST and one.action is Action.UPDATE for one in planned)
    if (stops or takes_turns) and any(one.type == TARGETS for one in planned):
        called |= _called(TARGETS, Action.REPLACE)
    return Permissions(
        reads=tuple(sorted(looked)),
        writes=tuple(sorted(called.union(ADMISSION if has_hosts else ()))),
    )


def _called(kind: str, action: Action) -> set[str]:
    changing = {one for one in _names(kind) if not _verb(one).startswith(READS)}
    removing = {one for one in changing if _verb(one).startswith(REMOVES)}
    making = {one for one in changing if _makes(one, kind)}
    if action is Action.NONE:
        return set()
    if action is Action.DELETE:
        return removing | changing & (LAST | HELD | STARTED)
    if action is Action.UPDATE:
        return changing - making - LAST - _whole(removing, kind)
    if action is Action.CREATE:
        return changing - removing - LAST
    return changing


def _makes(name: str, kind: str) -> bool:
    """Whether the action makes a resource of the kind, or tags it as it is made."""
    verb = _verb(name)
    return verb.startswith((*MAKES, "Tag", "AddTags", "CreateTags", "CreateServiceLinked")) or (
        verb.startswith("Create") and kind.rpartition("::")[2].lower() in verb.lower()
    )


def _whole(removing: Iterable[str], kind: str) -> set[str]:
    """Of what removes, that which removes the resource itself and not a part of it."""
    noun = kind.rpartition("::")[2].lower()
    return {
        one
        for one in removing
        if _verb(one).startswith(("Delete", "Terminate")) or noun in _verb(one).lower()
    }


def _names(kind: str) -> list[str]:
    return [name for names in KINDS[kind].needs.values() for name in names.split()]


def _verb(name: str) -> str:
    return name.partition(":")[2]
