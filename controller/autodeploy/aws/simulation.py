"""What IAM says beforehand of the calls that an identity wants to make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from autodeploy.aws import permissions
from autodeploy.aws.cloud import Cloud
from autodeploy.aws.identity import Identity
from autodeploy.errors import CloudError

NOT_PROOF = frozenset(
    {
        *("iam:CreateServiceLinkedRole", "route53:ChangeResourceRecordSets"),
        *("route53:ListHostedZones", "route53:ListResourceRecordSets"),
    }
)
"""A denial is no reason to stop: the role may be there already, and people may make records."""


class Foreseen(NamedTuple):
    """What will happen to calls.

    Attributes:
        denied: The actions that will be denied.
        unsure: Those that hang on what IAM cannot know beforehand.
    """

    denied: tuple[str, ...]
    unsure: tuple[str, ...]


def foresee(cloud: Cloud, identity: Identity, kinds: Iterable[str]) -> Foreseen:
    """Ask IAM of every action that some kinds of resources take.

    Raises:
        CloudError: The identity may not ask, or is none that IAM can be asked about.
    """
    wanted = tuple(kinds)
    actions = {one for some in permissions.granted(wanted).values() for one in some} - NOT_PROOF
    account, partition = identity.account, identity.partition
    pages = (
        cloud.iam()
        .get_paginator("simulate_principal_policy")
        .paginate(
            PolicySourceArn=principal(cloud, identity),
            ActionNames=sorted(actions),
            ResourceArns=permissions.examples(wanted, cloud.region, account, partition),
            ContextEntries=_context(permissions.facts(cloud.region)),
            PaginationConfig={"PageSize": 1000},
        )
    )
    return read(one for page in pages for one in page["EvaluationResults"])


def principal(cloud: Cloud, identity: Identity) -> str:
    """The ARN of whose policies count: a session's are its role's.

    IAM tells it, for a role may have a path that a session's name does not show.
    """
    if identity.role is None:
        return identity.arn
    try:
        return cloud.iam().get_role(RoleName=identity.role)["Role"]["Arn"]
    except CloudError:
        return f"arn:{identity.partition}:iam::{identity.account}:role/{identity.role}"


def read(results: Iterable[Mapping[str, Any]]) -> Foreseen:
    """What IAM's answers come to. Pure.

    Each action was asked of every kind's resources, though it is about few of them: one that it
    may be done to is enough.
    """
    verdicts: dict[str, set[str]] = {}
    unknown: dict[str, set[str]] = {}
    for one in results:
        found = (one, *one.get("ResourceSpecificResults", ()))
        verdicts.setdefault(one["EvalActionName"], set()).update(
            str(each.get("EvalDecision") or each.get("EvalResourceDecision")) for each in found
        )
        unknown.setdefault(one["EvalActionName"], set()).update(
            key for each in found for key in each.get("MissingContextValues", ())
        )
    refused = [action for action, said in verdicts.items() if "allowed" not in said]
    return Foreseen(
        denied=tuple(one for one in refused if not unknown[one]),
        unsure=tuple(one for one in refused if unknown[one]),
    )


def _context(facts: Mapping[str, str]) -> list[Any]:
    return [
        {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
        for key, value in facts.items()
    ]
