"""Parameters of a call without its secrets, as AWS's models mark them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from botocore.model import Shape

from autodeploy.lab.api import protocol

HIDDEN = "***"
# Models mark too little; so these names are secrets wherever they stand ...
SECRET = re.compile(r"password|secret(string|binary)|privatekey|userdata|token|passphrase", re.I)
# ... but for those that only tell calls and pages apart.
HARMLESS = re.compile(r"^(client(request)?token|idempotencytoken|nexttoken|httptokens?)$", re.I)


def redacted(action: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as JSON can have them, each secret replaced."""
    operation = protocol.model(action)
    shape = operation.input_shape if operation else None
    return {name: _value(name, value, _member(shape, name)) for name, value in parameters.items()}


def _value(name: str, value: Any, shape: Shape | None) -> Any:
    marked = shape is not None and shape.metadata.get("sensitive")
    if marked or (SECRET.search(name) and not HARMLESS.match(name)):
        return HIDDEN
    if isinstance(value, Mapping):
        return {key: _value(str(key), one, _member(shape, str(key))) for key, one in value.items()}
    if isinstance(value, list | tuple):
        member = getattr(shape, "member", None)
        return [_value(name, one, member) for one in value]
    return value if isinstance(value, bool | int | float | None) else str(value)


def _member(shape: Shape | None, name: str) -> Shape | None:
    members: Mapping[str, Shape] = getattr(shape, "members", {})
    return members.get(name) or getattr(shape, "value", None)
