"""Calls and answers in AWS's own shapes, read and written by botocore's models."""

from __future__ import annotations

import functools
import io
import logging
import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import botocore.exceptions
import botocore.model
import botocore.parsers
import botocore.serialize
from moto.core.exceptions import ServiceException
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.core.utils import get_service_model
from werkzeug import Request, Response

from autodeploy.contracts import Contract
from autodeploy.lab.api.gateway import FORM, JSON, Call, Next

log = logging.getLogger(__name__)

# Where botocore's folder of a service is not called as IAM's prefix.
FOLDERS = {"elasticloadbalancing": "elbv2", "servicequotas": "service-quotas"}
# What is understood here: the protocols of what the lab has behind its API.
POSTED = ("CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_X_AMZ_TARGET")
WRITTEN = ("rest-xml", "rest-json", "json", "query")
CONTENTS = {FORM: ("ec2", "query"), JSON: ("json",)}


class Refusal(Contract):
    """An answer that says no.

    Attributes:
        code: AWS's error code.
        message: AWS's message, as near as it is known.
        status: The HTTP status where the model of the service does not tell it.
    """

    code: str
    message: str
    status: int | None = None


class _Refused(ServiceException):
    """Moto looks for an exception's service by its module: this one has none."""


@functools.cache
def model(action: str) -> OperationModel | None:
    """The model of an action such as `ec2:RunInstances`; None where botocore has none."""
    prefix, _, name = action.partition(":")
    try:
        found: OperationModel = get_service_model(FOLDERS.get(prefix, prefix)).operation_model(name)
    except (botocore.exceptions.BotoCoreError, botocore.model.OperationNotFoundError):
        return None
    return found


def parameters(call: Call) -> Mapping[str, Any]:
    """The parameters of a call as boto3 takes them; none where they cannot be told."""
    return _parsed(call.action, call.body, _content(call))


@functools.lru_cache(maxsize=32)  # each layer asks for them
def _parsed(action: str, body: bytes, content: str) -> Mapping[str, Any]:
    spoken = _spoken(action, content)
    if spoken is None:
        return MappingProxyType({})
    operation, protocol = spoken
    request = Request.from_values(method="POST", data=body, content_type=content)
    asked: Any = {"values": request.values, "headers": request.headers, "body": body}
    try:
        parsed: dict[str, Any] = PROTOCOL_PARSERS[protocol](operation).parse(asked)
    except (RequestParserError, ValueError, TypeError, AttributeError, KeyError):
        log.info("the parameters of %s are not as AWS's model has them", action)
        parsed = {}
    return MappingProxyType(parsed)


def refuse(call: Call, refusal: Refusal) -> Response:
    """An error in the form of the call's protocol."""
    return _serialized(call, _Refused(refusal.code, refusal.message), refusal.status)


def answer(call: Call, result: dict[str, Any]) -> Response:
    """A result in the form of the call's protocol."""
    return _serialized(call, result, None)


def read(call: Call, response: Response) -> dict[str, Any]:
    """What a successful answer says, as boto3 gives it; nothing where it cannot be told."""
    spoken = _spoken(call.action, _content(call))
    if spoken is None or response.status_code >= 300:
        return {}
    operation, protocol = spoken
    if operation.output_shape is None:
        return {}
    said = {
        "body": response.get_data(),
        "headers": dict(response.headers),
        "status_code": response.status_code,
    }
    parser = botocore.parsers.create_parser(protocol)
    parsed: dict[str, Any] = parser.parse(said, operation.output_shape)
    parsed.pop("ResponseMetadata", None)
    return parsed


def ask(call: Call, following: Next, operation: str, **asked: Any) -> dict[str, Any]:
    """What the layers behind answer to another call by the same caller; nothing if they refuse.

    Args:
        call: The call that is being answered: its service, caller and region are kept.
        following: The layers behind.
        operation: Another operation of that service, of a protocol that only posts bodies.
        asked: Its parameters.
    """
    action = f"{call.action.partition(':')[0]}:{operation}"
    spoken = _spoken(action, _content(call))
    if spoken is None:
        return {}
    shape, protocol = spoken
    request = botocore.serialize.create_serializer(protocol).serialize_to_request(asked, shape)
    posted = Request.from_values(method="POST", data=request["body"], headers=request["headers"])
    said = {key: posted.environ[key] for key in POSTED if key in posted.environ}
    other = Call(action, {**call.environ, **said}, posted.get_data())
    other.environ["wsgi.input"] = io.BytesIO(other.body)
    return read(other, following(other))


def _content(call: Call) -> str:
    return str(call.environ.get("CONTENT_TYPE", ""))


def _spoken(action: str, content: str) -> tuple[OperationModel, str] | None:
    """The model and the protocol of a call, where both are known here."""
    operation = model(action)
    if operation is None:
        return None
    metadata = operation.service_model.metadata
    offered = metadata.get("protocols", [metadata["protocol"]])
    fitting = (one for kind, known in CONTENTS.items() if content.startswith(kind) for one in known)
    protocol = next((one for one in fitting if one in offered), None)
    return (operation, protocol) if protocol else None


def _serialized(call: Call, result: object, status: int | None) -> Response:
    request_id = str(uuid.uuid4())
    operation, spoken = model(call.action), _spoken(call.action, _content(call))
    protocol = spoken[1] if spoken else _offered(operation)
    if operation is None or protocol is None:
        return Response(str(result), status=status or 400)
    serializer = get_serializer_class(operation.service_model.service_name, protocol)
    said = serializer(operation, SerializationContext(request_id)).serialize(result)
    headers = {**said["headers"], "x-amzn-RequestId": request_id}
    return Response(said["body"], status=status or said["status_code"], headers=headers)


def _offered(operation: OperationModel | None) -> str | None:
    """A protocol of a service whose calls are not understood but whose errors can be written."""
    metadata = operation.service_model.metadata if operation else {}
    offered = metadata.get("protocols", [metadata.get("protocol")])
    return next((one for one in WRITTEN if one in offered), None)
