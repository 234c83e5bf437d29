"""Client tokens: a call that is sent twice is carried out once."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from werkzeug import Response

from autodeploy.lab.api import protocol
from autodeploy.lab.api.gateway import Call, Next
from autodeploy.lab.api.protocol import Refusal
from autodeploy.lab.api.strict.account import ENDED, Account

# By the services whose tokens tell calls apart; a secret's token is its version, which moto knows,
# and Certificate Manager's stands for an hour whatever else is asked, which moto knows too.
MISMATCH = {
    "ec2": Refusal(
        code="IdempotentParameterMismatch",
        message="The client token in this request matches a previous request that had other "
        "parameters.",
    ),
    "ssm": Refusal(
        code="IdempotentParameterMismatch",
        message="The client token was used before with other parameters.",
    ),
}
ENDED_SINCE = Refusal(
    code="IdempotentInstanceTerminated",
    message="The client token belongs to a request whose instance has been terminated.",
)
NAMES = ("ClientToken", "ClientRequestToken", "IdempotencyToken")


@dataclass(frozen=True)
class Done:
    """A call with a token that has succeeded.

    Attributes:
        parameters: What it asked for, without the token.
        response: What it was answered.
        instances: The instances that it made.
    """

    parameters: dict[str, Any]
    response: Response
    instances: tuple[str, ...]


class Tokens:
    """The layer that answers a repeated call as it did the first; behind `OneAtATime`."""

    def __init__(self) -> None:
        self._done: dict[tuple[Account, str, str], Done] = {}

    def __call__(self, call: Call, following: Next) -> Response:
        """Have a call answered, or answer it as before."""
        named, said = member(call.action), protocol.parameters(call)
        token = said.get(named) if named else None
        if not token:
            return following(call)
        asked = {name: value for name, value in said.items() if name != named}
        key = (Account.of(call), call.action, token)
        done = self._done.get(key)
        if done is None:
            return self._first(key, call, asked, following)
        if done.parameters != asked:
            return protocol.refuse(call, MISMATCH[call.action.partition(":")[0]])
        return _again(call, done, following)

    def clear(self) -> None:
        """Forget every token."""
        self._done.clear()

    def _first(
        self, key: tuple[Account, str, str], call: Call, asked: dict[str, Any], following: Next
    ) -> Response:
        response = following(call)
        if response.status_code < 300:
            made = protocol.read(call, response).get("Instances", ())
            ids = tuple(one["InstanceId"] for one in made if "InstanceId" in one)
            self._done[key] = Done(asked, response, ids)
        return response


@functools.cache
def member(action: str) -> str | None:
    """The parameter that is the token of an action; None where it has none."""
    operation = protocol.model(action)
    if operation is None or operation.input_shape is None:
        return None
    if action.partition(":")[0] not in MISMATCH:
        return None
    members = operation.input_shape.members
    marked = [name for name, shape in members.items() if shape.metadata.get("idempotencyToken")]
    return next(iter([*marked, *(name for name in NAMES if name in members)]), None)


def _again(call: Call, done: Done, following: Next) -> Response:
    """The first answer, with instances as they are now."""
    if not done.instances or call.action != "ec2:RunInstances":
        return done.response
    found = protocol.ask(call, following, "DescribeInstances", InstanceIds=list(done.instances))
    reservations = found.get("Reservations", [])
    instances = [one for each in reservations for one in each["Instances"]]
    if len(instances) < len(done.instances) or any(
        one["State"]["Name"] in ENDED for one in instances
    ):
        return protocol.refuse(call, ENDED_SINCE)
    return protocol.answer(call, reservations[0])
