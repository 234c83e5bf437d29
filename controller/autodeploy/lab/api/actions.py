"""The name of a call, as IAM writes it: `ec2:RunInstances`."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import botocore.exceptions
import botocore.loaders
from werkzeug import Request

# Where the signing name is not IAM's.
ALIASES = {"monitoring": "cloudwatch", "email": "ses"}
SCOPE = re.compile(
    r"Credential=(?P<key>[^/]*)/\d{8}/(?P<region>[^/]*)/(?P<service>[\w.-]+)/aws4_request"
)
PLACEHOLDER = re.compile(r"\{([^}+]+)(\+?)\}")
ERROR_CODE = re.compile(rb"<Code>([^<]{1,128})</Code>")
ERROR_TYPE = re.compile(rb'"__type"\s*:\s*"(?:[^"#]*#)?([^"#]{1,128})"')


def name(request: Request, form: str) -> str:
    """The action that a request asks for.

    Args:
        request: The request; its body is not touched.
        form: The body where it is a form, else nothing.
    """
    service = _service(request)
    return f"{ALIASES.get(service, service)}:{_operation(request, service, form)}"


def credential(authorization: str) -> tuple[str, str]:
    """The access key and the region in a signature; such as nobody has where there is none."""
    found = SCOPE.search(authorization)
    return (found["key"], found["region"]) if found else ("", "us-east-1")


def error_code(status: int, body: bytes) -> str | None:
    """AWS's error code in an answer; None where the answer is no error."""
    if status < 400:
        return None
    found = ERROR_CODE.search(body) or ERROR_TYPE.search(body)
    return found[1].decode(errors="replace") if found else f"HTTP{status}"


def _service(request: Request) -> str:
    signed = (
        request.headers.get("Authorization")
        or f"Credential={request.args.get('X-Amz-Credential', '')}"
    )
    found = SCOPE.search(signed)
    return found["service"].lower() if found else "unknown"


def _operation(request: Request, service: str, form: str) -> str:
    target = request.headers.get("X-Amz-Target", "")
    if target:
        return target.rpartition(".")[2]
    asked = parse_qs(form).get("Action") or request.args.getlist("Action")
    if asked:
        return asked[0]
    return _rest_operation(request, service) or request.method.capitalize()


@dataclass(frozen=True)
class _Operation:
    """How an operation without a name in its request is told from the others."""

    name: str
    method: str
    path: re.Pattern[str]
    query: frozenset[str]
    headers: frozenset[str]

    def fits(self, request: Request) -> bool:
        return (
            self.method == request.method
            and self.path.fullmatch(request.path) is not None
            and self.query <= set(request.args)
            and all(name in request.headers for name in self.headers)
        )

    def closeness(self) -> tuple[int, int]:
        return len(self.query) + len(self.headers), len(self.path.pattern)


def _rest_operation(request: Request, service: str) -> str | None:
    """The operation that demands most of what the request has."""
    fitting = [one for one in rest_operations(service) if one.fits(request)]
    return max(fitting, key=_Operation.closeness).name if fitting else None


@functools.cache
def rest_operations(service: str) -> list[_Operation]:
    """Every operation of a service, as botocore's model of it says."""
    try:
        model = botocore.loaders.Loader().load_service_model(service, "service-2")
    except botocore.exceptions.UnknownServiceError:
        return []
    return [_operation_of(one, model["shapes"]) for one in model["operations"].values()]


def _operation_of(operation: dict[str, Any], shapes: dict[str, Any]) -> _Operation:
    path, _, query = operation["http"]["requestUri"].partition("?")
    shape = shapes[operation["input"]["shape"]] if "input" in operation else {}
    members = [shape["members"][name] for name in shape.get("required", ())]

    def required(location: str) -> set[str]:
        return {one["locationName"] for one in members if one.get("location") == location}

    return _Operation(
        name=operation["name"],
        method=operation["http"]["method"],
        path=_pattern(path),
        query=frozenset({one.partition("=")[0] for one in query.split("&") if one})
        | required("querystring"),
        headers=frozenset(required("header")),
    )


def _pattern(path: str) -> re.Pattern[str]:
    escaped, end = "", 0
    for found in PLACEHOLDER.finditer(path):
        escaped += re.escape(path[end : found.start()]) + (".+" if found[2] else "[^/]+")
        end = found.end()
    return re.compile(escaped + re.escape(path[end:]).rstrip("/") + "/?")
