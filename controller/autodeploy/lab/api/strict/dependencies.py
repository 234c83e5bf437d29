"""What AWS refuses because of something else that exists, and moto does not."""

from __future__ import annotations

from werkzeug import Response

from autodeploy.lab.api import protocol
from autodeploy.lab.api.gateway import Call, Next
from autodeploy.lab.api.strict.account import Account

RULES = {}

def dependencies(call: Call, following: Next) -> Response:
    """The layer that refuses what AWS refuses; behind `OneAtATime`."""
    for rule in RULES.get(call.action, ()):
        refusal = rule(Account.of(call), protocol.parameters(call))
        if refusal:
            return protocol.refuse(call, refusal)
    return following(call)
