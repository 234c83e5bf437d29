"""What AWS refuses because of something else that exists, and moto does not."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug import Response

from autodeploy.lab.api import protocol
from autodeploy.lab.api.gateway import Call, Next
from autodeploy.lab.api.strict.account import Account
from autodeploy.lab.api.strict.rules import (
    Parameters,
    Rule,
    alarms,
    balancers,
    caches,
    databases,
    instances,
    network,
    secrets,
)

RULES: dict[str, Rule] = {
    **network.RULES,
    **instances.RULES,
    **balancers.RULES,
    **databases.RULES,
    **caches.RULES,
    **secrets.RULES,
    **alarms.RULES,
}
# What follows where moto stops too early.
Then = Callable[[Account, Parameters, Parameters], None]
THEN: dict[str, Then] = {
    "ec2:RunInstances": instances.protect,
    "ec2:DeleteSubnet": network.forget_associations,
}


def dependencies(call: Call, following: Next) -> Response:
    """The layer that refuses what AWS refuses; behind `OneAtATime`."""
    rule, then = RULES.get(call.action), THEN.get(call.action)
    if rule is None:
        return following(call)
    account, asked = Account.of(call), protocol.parameters(call)
    refusal = None if asked.get("DryRun") else rule(account, asked)
    if refusal:
        return protocol.refuse(call, refusal)
    response = following(call)
    if then and response.status_code < 300:
        then(account, asked, protocol.read(call, response))
    return response
