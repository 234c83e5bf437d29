"""What AWS refuses, by kinds of resources: pure functions of an account and a call's parameters.

A rule tells why a call is refused, or None where it is not. What moto itself refuses as AWS does
is not told again here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autodeploy.lab.api.protocol import Refusal
from autodeploy.lab.api.strict.account import Account

Parameters = Mapping[str, Any]
Rule = Callable[[Account, Parameters], Refusal | None]


def dependency(what: str, id_: str) -> Refusal:
    """EC2's refusal of a deletion."""
    return Refusal(
        code="DependencyViolation",
        message=f"The {what} '{id_}' has dependencies and cannot be deleted.",
    )
