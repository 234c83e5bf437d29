"""Secrets."""

from __future__ import annotations

from autodeploy.lab.api.protocol import Refusal
from autodeploy.lab.api.strict.account import Account
from autodeploy.lab.api.strict.rules import Parameters, Rule


def create(account: Account, asked: Parameters) -> Refusal | None:
    """A secret that waits for its deletion keeps its name."""
    found = account.secrets.secrets.values()
    if not any(one.name == asked.get("Name") and one.is_deleted() for one in found):
        return None
    return Refusal(
        code="InvalidRequestException",
        message="You can't create this secret because a secret with this name is already scheduled "
        "for deletion.",
    )


RULES: dict[str, Rule] = {"secretsmanager:CreateSecret": create}
