"""What IAM must allow for Amazon Inspector: reading it, and enabling it. Pure."""

from __future__ import annotations

from typing import Any

from autodeploy.aws.grants import LOOK, Scope

ENABLE = Scope("EnableInspector")
"""IAM knows no resource for it: it is the account's."""
ROLES = Scope(
    "LetInspectorHaveItsRoles",
    "arn:aws:iam::*:role/aws-service-role/*",
    {"iam:AWSServiceName": ["agentless.inspector2.amazonaws.com", "inspector2.amazonaws.com"]},
)
NEEDS: dict[Scope, tuple[str, ...]] = {
    LOOK: (
        *("inspector2:BatchGetAccountStatus", "inspector2:ListCoverage"),
        *("inspector2:ListFindings", "sts:GetCallerIdentity"),
    ),
    ENABLE: ("inspector2:Enable", "inspector2:UpdateConfiguration"),
    ROLES: ("iam:CreateServiceLinkedRole",),
}
"""The actions by scope; `audit` needs the first, `audit --enable-inspector` all."""


def statements() -> list[dict[str, Any]]:
    """The statements of a policy."""
    return [scope.statement(actions) for scope, actions in NEEDS.items()]
