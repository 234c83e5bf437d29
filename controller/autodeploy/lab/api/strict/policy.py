"""The layer that lets through what an IAM policy document allows, where one was given."""

from __future__ import annotations

from typing import Any

from werkzeug import Response

from autodeploy.lab.api import protocol
from autodeploy.lab.api.gateway import BadRequest, Call, Next
from autodeploy.lab.api.protocol import Refusal
from autodeploy.lab.api.strict import iam, identities, permissions
from autodeploy.lab.api.strict.account import Account
from autodeploy.lab.api.strict.refusals import denied

EVERYTHING = iam.parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


class Policy:
    """The layer that refuses what is not allowed, and tells it; behind `OneAtATime`."""

    def __init__(self) -> None:
        self._statements = EVERYTHING

    def __call__(self, call: Call, following: Next) -> Response:
        """Have a call answered if its caller may make it."""
        if call.action == "sts:GetCallerIdentity":  # nobody can forbid it
            return identities.caller(call, following)
        refusal = self._refusal(call) if self._statements is not EVERYTHING else None
        if refusal:
            return protocol.refuse(call, refusal)
        if call.action == "iam:SimulatePrincipalPolicy":
            return identities.simulate(call, self._statements)
        if call.action == "sts:DecodeAuthorizationMessage":
            return identities.decode(call)
        return following(call)

    def _refusal(self, call: Call) -> Refusal | None:
        asked = protocol.parameters(call)
        for each in permissions.needed(Account.of(call), call.action, asked):
            verdict = iam.decide(self._statements, each)
            if verdict != "allowed":
                explicit = verdict == "explicitly denied"
                encoded = identities.encode(each, explicit=explicit)
                return denied(each.action, each.resource, encoded, explicit=explicit)
        return None

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
        self._statements = EVERYTHING
