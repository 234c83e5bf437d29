"""The layer that lets through what an IAM policy document allows, where one was given."""

from __future__ import annotations

import base64
import json
from typing import Any

from werkzeug import Response

from autodeploy.lab.api import protocol
from autodeploy.lab.api.gateway import BadRequest, Call, Next
from autodeploy.lab.api.strict import iam, permissions
from autodeploy.lab.api.strict.account import Account
from autodeploy.lab.api.strict.refusals import denied

NEEDS_NOTHING = frozenset({"sts:GetCallerIdentity"})
WHY = {
    "denied": "no identity-based policy allows the {action} action",
    "explicitly denied": "of an explicit deny in an identity-based policy",
}


class Policy:
    """The layer that refuses what is not allowed; behind `OneAtATime`."""

    def __init__(self) -> None:
        self._statements: tuple[iam.Statement, ...] | None = None

    def __call__(self, call: Call, following: Next) -> Response:
        """Have a call answered if its caller may make it."""
        statements = self._statements
        if statements is None or call.action in NEEDS_NOTHING:
            return following(call)
        asked = protocol.parameters(call)
        for each in permissions.needed(Account.of(call), call.action, asked):
            verdict = iam.decide(statements, each)
            if verdict != "allowed":
                why = WHY[verdict].format(action=each.action)
                refusal = denied(each.action, f"{why} on {each.resource}", _encoded(each))
                return protocol.refuse(call, refusal)
        return following(call)

    def set(self, document: Any) -> None:
        """Enforce a policy document.

        Raises:
            BadRequest: It cannot be enforced here.
        """
        try:
            self._statements = iam.parse(document)
        except (ValueError, AttributeError, TypeError) as error:
            raise BadRequest(str(error)) from error

    def clear(self) -> None:
        """Allow everything."""
        self._statements = None


def _encoded(asked: iam.Asked) -> str:
    """What sts:DecodeAuthorizationMessage would decode; here nobody keeps it secret."""
    said = json.dumps({"allowed": False, "action": asked.action, "resource": asked.resource})
    return base64.b64encode(said.encode()).decode()
