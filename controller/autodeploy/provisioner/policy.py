"""The least IAM policy: for the kinds of resources that an application takes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from autodeploy.aws import permissions
from autodeploy.contracts import TechStack
from autodeploy.provisioner.desired import desired
from autodeploy.provisioner.kinds import (
    KINDS,
    Certificate,
    Database,
    DatabaseSubnetGroup,
    Secret,
    Topic,
)
from autodeploy.provisioner.surroundings import Surroundings
from autodeploy.settings import Settings

ASKED_BEFOREHAND = (
    *("ec2:DescribeInstanceTypeOfferings", "iam:GetRole", "iam:SimulatePrincipalPolicy"),
    *("servicequotas:GetServiceQuota", "sts:DecodeAuthorizationMessage"),
)
EVERYWHERE = Surroundings(vpc_range="10.0.0.0/16", zones=("a", "b"), public_key=None)
"""Which kinds there are does not depend on the surroundings."""
LOOKED_FOR = tuple(one.type for one in (Database, DatabaseSubnetGroup, Secret, Topic))
"""Whether there is one is asked whatever the application takes: it may have had one."""
ALWAYS = (
    "Actions were found by running whole deployments in the lab under this policy, and by leaving "
    "each out; the policy as a whole was not tried on a real account.",
    "No instance has a role: iam:PassRole is not needed.",
    "With one more statement, which is not needed, what is missing is told before anything is "
    f"made: {permissions.lines(ASKED_BEFOREHAND)[permissions.OTHERS.sid]}",
)
OF_STATE = (
    "The names of all objects of the state's bucket may be listed. Where the bucket has a key of "
    "its own and not S3's, kms:Decrypt and kms:GenerateDataKey are needed on it."
)
NOTES = {
    "AWS::EC2::Instance": "Disks are encrypted with the account's default key for EBS. Where that "
    "is a key of its own and not aws/ebs, kms:CreateGrant, kms:Decrypt, kms:DescribeKey and "
    "kms:GenerateDataKeyWithoutPlaintext are needed on it.",
    "AWS::RDS::DBInstance": "RDS keeps the master's password with the key aws/secretsmanager. "
    "Where the account's policy asks for a key of its own, kms:CreateGrant, kms:Decrypt and "
    "kms:GenerateDataKey are needed on it. iam:CreateServiceLinkedRole is needed once in an "
    "account.",
    "AWS::CertificateManager::Certificate": "Narrow the statement KeepTheDomainsRecords to the "
    "zone of your domain. Without the actions of Route 53, deployments say which records are to be "
    "made by hand.",
}


class Policy(NamedTuple):
    """A policy.

    Attributes:
        document: Enough to look for, make, change and remove what it is for, and no more.
        notes: What it cannot say, and what could not be proved, for people.
    """

    document: dict[str, Any]
    notes: tuple[str, ...]


def of_everything(state: str | None = None) -> Policy:
    """The policy for all that autodeploy can make.

    Args:
        state: Where the state is in S3: `BUCKET` or `BUCKET/PREFIX`; None where it is not.
    """
    return _of([kind.type for kind in KINDS], state)


def of(
    stack: TechStack, settings: Settings, state: str | None = None, *, has_secrets: bool = False
) -> Policy:
    """The policy for what one application takes.

    Args:
        stack: What it is made of.
        settings: Its settings.
        state: As above.
        has_secrets: Whether secrets were set for it.
    """
    kinds = dict.fromkeys(one.type for one in desired(stack, settings, EVERYWHERE))
    # A host's domain takes its record alone; what its kind of certificate takes has that in it.
    names = [Certificate.type] if settings.ends_tls(stack) else []
    secrets = [Secret.type] if has_secrets or settings.secrets else []
    return _of(dict.fromkeys([*kinds, *names, *secrets]), state)


def of_state(state: str) -> Policy:
    """The policy for the state alone, as hosts that exist take it."""
    return Policy(permissions.document((), state), (OF_STATE,))


def _of(kinds: Iterable[str], state: str | None = None) -> Policy:
    wanted = tuple(kinds)
    notes = (*ALWAYS, *(NOTES[kind] for kind in wanted if kind in NOTES))
    document = permissions.document(wanted, state, LOOKED_FOR)
    return Policy(document, notes + ((OF_STATE,) if state else ()))
