"""What is asked of an account before anything is made in it: who we are, what we may, how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autodeploy.aws import Cloud, Identity, permissions
from autodeploy.aws.simulation import foresee
from autodeploy.contracts import Action, Plan
from autodeploy.errors import AccessDenied, CloudError
from autodeploy.provisioner import limits
from autodeploy.provisioner.kinds import Desired, Instance
from autodeploy.provisioner.limits import Talk


@dataclass(frozen=True)
class Needs:
    """What a plan takes of an account.

    Attributes:
        kinds: The kinds of its resources, by CloudFormation's names.
        created: How many of each kind are to be made.
        hosts: The hosts among them.
    """

    kinds: frozenset[str]
    created: Mapping[str, int]
    hosts: tuple[Instance, ...]


def needs_of(plan: Plan, wanted: Iterable[Desired]) -> Needs:
    """What a plan takes. Pure.

    Args:
        plan: The plan.
        wanted: The desired state that it is made from.
    """
    new = {one.key: one.type for one in plan.actions if one.action is Action.CREATE}
    return Needs(
        kinds=frozenset(one.type for one in plan.actions),
        created=Counter(new.values()),
        hosts=tuple(one for one in wanted if isinstance(one, Instance) and one.key in new),
    )


def preflight(cloud: Cloud, needs: Needs, talk: Talk) -> None:
    """Say who we are, and find out before anything is made whether all of it can be.

    What AWS does not tell is said, and found out later. Nothing is asked where nothing is made.

    Raises:
        AccessDenied: The identity may not do all that it takes.
        QuotaExceeded: The account may not have so much.
        TypeNotOffered: There is no such instance type.
        UsageError: The instance type has another processor.
        CloudError: AWS could not be asked who we are.
    """
    if not needs.created:
        return
    identity = cloud.identity()
    talk.info(f"{identity}, region {cloud.region}")
    if not identity.is_root:
        _ask_permissions(cloud, identity, needs, talk)
    limits.ask_quotas(cloud, needs.created, talk)
    if needs.hosts:
        limits.ask_types(cloud, needs.hosts, talk)


def _ask_permissions(cloud: Cloud, identity: Identity, needs: Needs, talk: Talk) -> None:
    try:
        foreseen = foresee(cloud, identity, needs.kinds)
    except CloudError as error:
        talk.info(f"permissions were not asked beforehand: {error.message}")
        return
    if foreseen.unsure:
        talk.info(f"IAM cannot tell beforehand of {', '.join(foreseen.unsure)}")
    if foreseen.denied:
        raise lacking(identity, foreseen.denied)


def lacking(identity: Identity, actions: Iterable[str]) -> AccessDenied:
    """The error for permissions that are missing, with the statements that give them. Pure."""
    missing = sorted(actions)
    lines = ", ".join(permissions.lines(missing).values())
    return AccessDenied(
        f"the identity may not call {', '.join(missing)}",
        cause=f"IAM's simulation of the policies of {identity.arn}",
        action=missing[0],
        remediation=f"Add to its policy, or attach what `autodeploy iam-policy` prints: {lines}",
    )
