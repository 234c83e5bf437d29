"""Who calls, what a policy would say of them, and what EC2 has told them in code."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from werkzeug import Response

from autodeploy.lab.api import protocol
from autodeploy.lab.api.gateway import Call, Next
from autodeploy.lab.api.protocol import Refusal
from autodeploy.lab.api.strict import iam
from autodeploy.lab.api.strict.iam import Asked, Statement
from autodeploy.lab.api.strict.refusals import CALLER

MOTO = ":user/moto"  # whom moto takes everybody for that it knows nothing of
DECISIONS = {"allowed": "allowed", "denied": "implicitDeny", "explicitly denied": "explicitDeny"}


def caller(call: Call, following: Next) -> Response:
    """Answer GetCallerIdentity with the name that refusals have, and a role's session with its."""
    response = following(call)
    said = protocol.read(call, response)
    if str(said.get("Arn", "")).endswith(MOTO):
        return protocol.answer(call, {**said, "Arn": CALLER})
    return response


def encode(asked: Asked, *, explicit: bool) -> str:
    """What EC2 says in code of a denial; here nobody keeps it secret."""
    context = {"action": asked.action, "resource": asked.resource}
    said = {"allowed": False, "explicitDeny": explicit, "context": context}
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode()


def decode(call: Call) -> Response:
    """Answer DecodeAuthorizationMessage."""
    try:
        encoded = str(protocol.parameters(call).get("EncodedMessage"))
        text = base64.urlsafe_b64decode(encoded).decode()
        json.loads(text)
    except (binascii.Error, ValueError):
        code, message = "InvalidAuthorizationMessageException", "The message cannot be decoded."
        return protocol.refuse(call, Refusal(code=code, message=message))
    return protocol.answer(call, {"DecodedMessage": text})


def simulate(call: Call, statements: Sequence[Statement]) -> Response:
    """Answer SimulatePrincipalPolicy by the lab's policy: every action with every resource."""
    asked = protocol.parameters(call)
    given = asked.get("ContextEntries", ())
    context = {one["ContextKeyName"].lower(): tuple(one["ContextKeyValues"]) for one in given}
    results = [
        _result(statements, Asked(action=action, resource=resource, context=context))
        for action in asked["ActionNames"]
        for resource in asked.get("ResourceArns", ["*"])
    ]
    return protocol.answer(call, {"EvaluationResults": results, "IsTruncated": False})


def _result(statements: Sequence[Statement], asked: Asked) -> dict[str, Any]:
    keys = {one.key for each in statements for one in each.conditions}
    return {
        "EvalActionName": asked.action,
        "EvalResourceName": asked.resource,
        "EvalDecision": DECISIONS[iam.decide(statements, asked)],
        "MatchedStatements": [],
        "MissingContextValues": sorted(keys - asked.context.keys()),
    }
