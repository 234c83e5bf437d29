"""Who may have a role: the trust policy that binds it to one project, and to what runs there."""

from __future__ import annotations

from typing import Any, Literal

from autodeploy.pipelines.facts import Facts
from autodeploy.pipelines.text import Kind

Purpose = Literal["deploy", "plan"]


def trust_policy(kind: Kind, facts: Facts, purpose: Purpose) -> dict[str, Any]:
    """The trust policy of the role that deploys, or of the one that plans.

    Args:
        kind: The CI system.
        facts: What the workflow is written for.
        purpose: Which role. Only the branch's own commits may have the one that deploys.
    """
    role = facts.deploy_role if purpose == "deploy" else facts.plan_role
    _, partition, _, _, account, _ = role.split(":", 5)
    issuer, audience = _issuer(kind, facts)
    operator, subject = _subject(kind, facts, purpose)
    condition: dict[str, dict[str, str]] = {"StringEquals": {f"{issuer}:aud": audience}}
    condition.setdefault(operator, {})[f"{issuer}:sub"] = subject
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {
                    "Federated": f"arn:{partition}:iam::{account}:oidc-provider/{issuer}"
                },
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": condition,
            }
        ],
    }


def _issuer(kind: Kind, facts: Facts) -> tuple[str, str]:
    """Who signs the token, and for whom."""
    if kind == "github":
        return "token.actions.githubusercontent.com", "sts.amazonaws.com"
    return facts.host, f"https://{facts.host}"


def _subject(kind: Kind, facts: Facts, purpose: Purpose) -> tuple[str, str]:
    """The operator and the value that the token's subject is compared with."""
    if kind == "github":
        what = f"ref:refs/heads/{facts.branch}" if purpose == "deploy" else "pull_request"
        return "StringEquals", f"repo:{facts.project}:{what}"
    branches = f"project_path:{facts.project}:ref_type:branch:ref:"
    if purpose == "deploy":
        return "StringEquals", f"{branches}{facts.branch}"
    return "StringLike", f"{branches}*"
